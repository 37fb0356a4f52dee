"""The part of testcontainers and of Docker's client that is used, with types.

Both are imported when a container is wanted, since they belong to the ``testing`` extra. Docker's
client has no type information, so these protocols are the wall it stays behind.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Protocol

from zkwire.testing._launcher._errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_DEFAULT_HOST = "unix:///var/run/docker.sock"

REMEDY = "pip install 'zkwire[testing]', and start a Docker engine"


class EngineApi(Protocol):
    """Docker's low-level client."""

    def pull(self, repository: str, *, stream: bool, decode: bool) -> Iterable[Mapping[str, str]]:
        """Pull an image, yielding progress."""
        ...


class Images(Protocol):
    """The images that the engine has."""

    def get(self, name: str) -> object:
        """Return an image, or raise ImageNotFound."""
        ...


class Engine(Protocol):
    """Docker's client."""

    api: EngineApi
    images: Images

    def info(self) -> Mapping[str, Any]:
        """Describe the engine."""
        ...

    def close(self) -> None:
        """Close the client's connections."""
        ...


class RawContainer(Protocol):
    """Docker's own handle of a container."""

    status: str

    def reload(self) -> None: ...
    def start(self) -> None: ...
    def stop(self, *, timeout: int) -> None: ...
    def kill(self) -> None: ...
    def pause(self) -> None: ...
    def unpause(self) -> None: ...
    def wait(self, *, timeout: float) -> object: ...
    def logs(self, *, tail: int) -> bytes: ...


class Container(Protocol):
    """testcontainers' handle of a container."""

    def with_env(self, key: str, value: str) -> object: ...
    def with_kwargs(self, **kwargs: str) -> object: ...
    def with_volume_mapping(self, host: str, container: str, mode: str) -> object: ...
    def start(self) -> object: ...
    def stop(self) -> None: ...
    def get_wrapped_container(self) -> RawContainer: ...


class DockerApi:
    """The imported packages."""

    def __init__(self) -> None:
        try:
            docker = importlib.import_module("docker")
            errors = importlib.import_module("docker.errors")
            requests = importlib.import_module("requests.exceptions")
            core = importlib.import_module("testcontainers.core.container")
            client = importlib.import_module("testcontainers.core.docker_client")
            config = importlib.import_module("testcontainers.core.config").testcontainers_config
        except ImportError as error:
            raise UnavailableError(f"testcontainers is not installed: {error}", REMEDY) from None
        self.host: str = client.get_docker_host() or _DEFAULT_HOST
        self.engine: Callable[..., Engine] = docker.DockerClient
        self.container: Callable[..., Container] = core.DockerContainer
        self.reaper_image: str | None = None if config.ryuk_disabled else str(config.ryuk_image)
        self.image_not_found: type[Exception] = errors.ImageNotFound
        # An engine that hangs shows as one of requests' timeouts, an absent one as the client's
        # own error; a socket that breaks mid-way is an OSError in either.
        self.failures: tuple[type[Exception], ...] = (
            errors.DockerException,
            requests.RequestException,
            OSError,
        )
