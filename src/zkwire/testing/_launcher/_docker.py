"""Provider 2: containers, through testcontainers."""

from __future__ import annotations

import os
import platform
import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from zkwire.testing._launcher._container import ContainerServer
from zkwire.testing._launcher._docker_api import REMEDY, DockerApi, Engine
from zkwire.testing._launcher._errors import UnavailableError
from zkwire.testing._launcher._waiting import pause

if TYPE_CHECKING:
    from zkwire.testing._launcher._request import Request
    from zkwire.testing._launcher._server import MemberSpec

IMAGE_VARIABLE = "ZKWIRE_TEST_IMAGE"

_ANSWER_LIMIT = 5.0
_PULL_SILENCE_LIMIT = 20.0
_PULL_LIMIT = 180.0
_LOCAL = "unix://"
_REAPER_SWITCH = "TESTCONTAINERS_RYUK_DISABLED=true"


def image_name(version: str) -> str:
    """Return the image for this version: the official name, or what the environment names."""
    return os.environ.get(IMAGE_VARIABLE) or f"zookeeper:{version}"


@dataclass(frozen=True, slots=True)
class DockerRuntime:
    """A local engine that has the image."""

    api: DockerApi
    image: str

    def create(self, spec: MemberSpec) -> ContainerServer:
        """Write the member's configuration; the container is made when it is started."""
        return ContainerServer(self.api, self.image, spec)


class DockerProvider:
    """Runs the official image, or one that stands in for it."""

    name: ClassVar[str] = "docker"

    def find(self, request: Request) -> DockerRuntime:
        """Find the engine and the image, pulling it where need be.

        Raises:
            UnavailableError: There is no engine on this machine that answers in five seconds,
                or no image and no way to pull it within three minutes.
        """
        api = DockerApi()
        image = image_name(request.version)
        _check_socket(api.host)
        engine = _connect(api, _ANSWER_LIMIT)
        try:
            _check_engine(api, engine)
            _ensure_image(api, engine, image, f"{IMAGE_VARIABLE}=NAME of a local image")
            if api.reaper_image is not None:
                _ensure_image(api, engine, api.reaper_image, _REAPER_SWITCH)
        finally:
            engine.close()
        return DockerRuntime(api, image)


def _check_socket(host: str) -> None:
    """Refuse an engine elsewhere, whose host network is not ours, and one that is not there.

    Docker's client would find out too, and leak the socket that failed to connect.
    """
    if platform.system() != "Linux" or not host.startswith(_LOCAL):
        raise UnavailableError(f"the engine at {host} does not share this machine's network")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(_ANSWER_LIMIT)
        try:
            probe.connect(host.removeprefix(_LOCAL))
        except OSError as error:
            raise UnavailableError(f"no Docker engine at {host}: {error}", REMEDY) from error


def _connect(api: DockerApi, seconds: float) -> Engine:
    try:
        return api.engine(base_url=api.host, timeout=seconds)
    except api.failures as error:
        raise UnavailableError(f"no Docker engine answers: {error}", REMEDY) from error


def _check_engine(api: DockerApi, engine: Engine) -> None:
    """Refuse an engine in a virtual machine: its host network is that machine's."""
    try:
        info = engine.info()
    except api.failures as error:
        raise UnavailableError(f"the Docker engine does not answer: {error}", REMEDY) from error
    if "Docker Desktop" in str(info.get("OperatingSystem", "")):
        raise UnavailableError("Docker Desktop's containers do not share this machine's network")


def _ensure_image(api: DockerApi, engine: Engine, image: str, remedy: str) -> None:
    try:
        engine.images.get(image)
    except api.image_not_found:
        _pull(api, image, remedy)
    except api.failures as error:
        raise UnavailableError(f"the Docker engine does not answer: {error}", REMEDY) from error


def _pull(api: DockerApi, image: str, remedy: str) -> None:
    """Pull with two bounds: the time without a word from the engine, and the whole."""
    deadline = time.monotonic() + _PULL_LIMIT
    repository = image if ":" in image.rpartition("/")[2] or "@" in image else f"{image}:latest"
    puller = _connect(api, _PULL_SILENCE_LIMIT)
    try:
        for progress in puller.api.pull(repository, stream=True, decode=True):
            pause(0)
            if "error" in progress:
                raise UnavailableError(f"cannot pull {image}: {progress['error']}", remedy)
            if time.monotonic() > deadline:
                raise UnavailableError(f"pulling {image} took over {_PULL_LIMIT:g} s", remedy)
    except api.failures as error:
        raise UnavailableError(f"cannot pull {image}: {error}", remedy) from error
    finally:
        puller.close()
