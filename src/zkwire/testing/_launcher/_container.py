"""One server as a Docker container.

It runs in the host's network: every port is then the one that was leased, a restart finds it
again, and the members of an ensemble reach each other and are reached by the same addresses.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from zkwire.testing._launcher._config import jvm_flags, zoo_cfg
from zkwire.testing._launcher._docker_api import REMEDY
from zkwire.testing._launcher._errors import UnavailableError

if TYPE_CHECKING:
    from zkwire.testing._launcher._docker_api import Container, DockerApi, RawContainer
    from zkwire.testing._launcher._server import MemberSpec

# Where the official image keeps them.
_CONFIG = "/conf/zoo.cfg"
_DATA = PurePosixPath("/data")

_CALL_LIMIT = 30
_ORDERLY_LIMIT = 10
_REAP_LIMIT = 20.0
_LOG_TAIL_LINES = 30
_EXISTING = ("running", "paused")


class ContainerServer:
    """One container, made at the first start and kept, with its data, through every restart."""

    def __init__(self, api: DockerApi, image: str, spec: MemberSpec) -> None:
        self._api = api
        self._image = image
        config = spec.directory / "zoo.cfg"
        text = zoo_cfg(
            spec.request,
            member_id=spec.id,
            ports=spec.ports,
            data_dir=_DATA,
            security=spec.security,
        )
        config.write_text(text, encoding="utf-8")
        # The image's user is not ours, and must read it (and may become its owner).
        config.chmod(0o644)
        for each in spec.security.files:
            each.chmod(0o644)
        self._files = spec.security.files
        self._config = config
        self._member_id = spec.id
        self._flags = jvm_flags(spec.request, spec.security.system_properties)
        self._container: Container | None = None

    @property
    def running(self) -> bool:
        """Whether the container's process exists; a paused one does."""
        if self._container is None:
            return False
        raw = self._raw()
        raw.reload()
        return raw.status in _EXISTING

    def start(self) -> None:
        """Start the container, making it the first time.

        Raises:
            UnavailableError: The engine cannot make or start it.
        """
        if self._container is not None:
            self._raw().start()
            return
        try:
            self._container = self._make()
            self._container.start()
        except self._api.failures as error:
            raise UnavailableError(f"the engine starts no container: {error}", REMEDY) from error

    def stop(self) -> None:
        """End it with SIGTERM, and with SIGKILL where that takes longer than ten seconds."""
        if self.running:
            self.resume()  # a paused container handles its SIGTERM only once it runs
            self._raw().stop(timeout=_ORDERLY_LIMIT)

    def kill(self) -> None:
        """End it with SIGKILL."""
        if self.running:
            self._raw().kill()
            self._raw().wait(timeout=_REAP_LIMIT)

    def freeze(self) -> None:
        """Pause it."""
        self._raw().pause()

    def resume(self) -> None:
        """Go on, where it is paused."""
        raw = self._raw()
        raw.reload()
        if raw.status == "paused":
            raw.unpause()

    def log_tail(self) -> str:
        """Return the last lines that the container printed."""
        if self._container is None:
            return ""
        return self._raw().logs(tail=_LOG_TAIL_LINES).decode("utf-8", "replace").strip()

    def close(self) -> None:
        """Remove the container, running or not, with its volumes."""
        container, self._container = self._container, None
        if container is not None:
            container.stop()

    def _make(self) -> Container:
        container = self._api.container(self._image, docker_client_kw={"timeout": _CALL_LIMIT})
        container.with_kwargs(network="host")
        container.with_volume_mapping(str(self._config), _CONFIG, "rw")
        for each in self._files:
            container.with_volume_mapping(str(each), str(each), "ro")
        container.with_env("ZOO_MY_ID", str(self._member_id))
        container.with_env("JVMFLAGS", " ".join(self._flags))
        return container

    def _raw(self) -> RawContainer:
        assert self._container is not None
        return self._container.get_wrapped_container()
