"""What a coordinator tells of itself while it works."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, Final, ParamSpec

if TYPE_CHECKING:
    from coordinator._addresses import ServerAddress
    from coordinator._statistics import Statistics
    from coordinator._transitions import Transition

P = ParamSpec("P")

_log: Final = logging.getLogger("coordinator")


class Instrument:
    """Sees a coordinator's work; derive from it, and override what is of interest.

    Handed to ``open_coordinator(instrument=...)``.  The methods are called in the
    event loop, so they must be quick; what they raise is logged and goes no further.
    ``coordinator.otel`` has one for OpenTelemetry.
    """

    def opened(self, read: Callable[[], Statistics]) -> None:
        """The coordinator was opened; ``read`` returns its statistics, from any thread."""

    def closed(self) -> None:
        """The coordinator was left."""

    def request(self, operation: str, path: str | None) -> AbstractContextManager[object]:
        """A request is performed, inside the context that this returns.

        From the call of the operation to its answer: waiting for a connection included.

        Args:
            operation: such as ``"get_data"``; see ``zkwire.OpCode``.
            path: the server's path, if the operation has one.
        """
        return nullcontext()

    def transition(self, transition: Transition) -> None:
        """The state has changed."""

    def attempt(self, server: ServerAddress, seconds: float, failure: Exception | None) -> None:
        """An attempt to connect has come to an end; ``failure`` is None if it succeeded."""

    def lease(self, path: str, state: str, seconds: float) -> None:
        """A lease on the node at ``path`` is ``"held"``, ``"released"`` or ``"lost"``.

        ``seconds``: how long it was held; for ``"held"``, how long it took to get.
        """

    def stalled(self, seconds: float) -> None:
        """The event loop did not run for so long."""


_NOBODY: Final = Instrument()


class Telling:
    """Tells an instrument, if there is one; nothing that it does can harm."""

    def __init__(self, instrument: Instrument | None) -> None:
        self.is_heard = instrument is not None
        """Whether there is one: a request without need not be put into a context."""
        self._instrument = instrument or _NOBODY

    def request(self, operation: str, path: str | None) -> AbstractContextManager[None]:
        """See ``Instrument.request``."""
        return _guarded(self._instrument, operation, path)

    def opened(self, read: Callable[[], Statistics]) -> None:
        """See ``Instrument.opened``."""
        _tell(self._instrument.opened, read)

    def closed(self) -> None:
        """See ``Instrument.closed``."""
        _tell(self._instrument.closed)

    def transition(self, transition: Transition) -> None:
        """See ``Instrument.transition``."""
        _tell(self._instrument.transition, transition)

    def attempt(self, server: ServerAddress, seconds: float, failure: Exception | None) -> None:
        """See ``Instrument.attempt``."""
        _tell(self._instrument.attempt, server, seconds, failure)

    def lease(self, path: str, state: str, seconds: float) -> None:
        """See ``Instrument.lease``."""
        _tell(self._instrument.lease, path, state, seconds)

    def stalled(self, seconds: float) -> None:
        """See ``Instrument.stalled``."""
        _tell(self._instrument.stalled, seconds)


def _tell(method: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None:
    try:
        method(*args, **kwargs)
    except Exception:  # noqa: BLE001  # whatever a guest does
        _log.exception("the instrument raised")


@contextmanager
def _guarded(instrument: Instrument, operation: str, path: str | None) -> Generator[None]:
    """The instrument's context around a request, whose outcome is never the instrument's."""
    try:
        context: AbstractContextManager[Any] = instrument.request(operation, path)
        context.__enter__()
    except Exception:  # noqa: BLE001  # whatever a guest does
        _log.exception("the instrument raised")
        context = nullcontext()
    try:
        yield
    except BaseException as error:
        _tell(context.__exit__, type(error), error, error.__traceback__)
        raise
    _tell(context.__exit__, None, None, None)
