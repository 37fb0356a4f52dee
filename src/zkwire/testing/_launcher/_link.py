"""What holds one member and its peers together, and how it is cut or made slow."""

from __future__ import annotations

import math
import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from zkwire.testing._launcher._errors import NotControllableError, UnavailableError
from zkwire.testing._launcher._packet_queue import QUEUE, PacketQueue

if TYPE_CHECKING:
    from collections.abc import Callable

    from zkwire.testing._launcher._namespaces import Namespace

Direction: TypeAlias = Literal["both", "inbound", "outbound"]
"""Which packets of a member are lost: all, those to it, or those from it."""

INTERFACE: Final = "peers"
"""The name of a member's interface to the others."""

_INBOUND: Final = ("INPUT", "-i", INTERFACE)
_OUTBOUND: Final = ("OUTPUT", "-o", INTERFACE)
_CUTS: Final = {
    "both": (_INBOUND, _OUTBOUND),
    "inbound": (_INBOUND,),
    "outbound": (_OUTBOUND,),
}


class Link:
    """A member's side of the network between it and its peers.

    Each change gives the function that takes it back, and changes may overlap: what one takes
    back, another may still hold.
    """

    def __init__(self, namespace: Namespace, longest_lag: float) -> None:
        self._namespace = namespace
        self._longest_lag = longest_lag
        self._lock = threading.Lock()
        self._cuts = 0
        self._lags = False

    @property
    def whole(self) -> bool:
        """Whether no cut is in place."""
        return self._cuts == 0

    def cut(self, direction: Direction) -> Callable[[], None]:
        """Lose every packet in this direction from now on.

        Raises:
            ValueError: There is no such direction.
            NotControllableError: iptables refused the rule.
        """
        if direction not in _CUTS:
            known = ", ".join(map(repr, _CUTS))
            raise ValueError(f"direction must be one of {known}, not {direction!r}")
        with ExitStack() as stack:
            self._count(+1)
            stack.callback(self._count, -1)
            for chain, *match in _CUTS[direction]:
                # Ahead of the rule of a lag, whose packets look at no rule after it.
                stack.callback(self._rule("-I", chain, *match, "-j", "DROP"))
            return stack.pop_all().close

    def lag(self, seconds: float) -> Callable[[], None]:
        """Hold back every packet to the member for this long from now on.

        Raises:
            ValueError: It is not above zero, or too long for the ensemble to stay together.
            RuntimeError: The member lags already.
            NotControllableError: The kernel has no NFQUEUE.
        """
        if not (math.isfinite(seconds) and 0 < seconds <= self._longest_lag):
            raise ValueError(
                f"lag: seconds must be above 0 and at most {self._longest_lag:g}, not {seconds}: "
                "a silence of syncLimit ticks breaks the ensemble apart"
            )
        with ExitStack() as stack:
            self._begin_lag()
            stack.callback(self._end_lag)
            try:
                queue = self._namespace.call(lambda: PacketQueue(seconds))
            except UnavailableError as error:
                raise NotControllableError(f"cannot make the member lag: {error}") from error
            stack.callback(queue.close)
            target = ("-j", "NFQUEUE", "--queue-num", str(QUEUE), "--queue-bypass")
            chain, *match = _INBOUND
            stack.callback(self._rule("-A", chain, *match, *target))
            return stack.pop_all().close

    def _rule(self, verb: str, chain: str, *rule: str) -> Callable[[], None]:
        try:
            self._namespace.run("iptables", "-w", verb, chain, *rule)
        except UnavailableError as error:
            raise NotControllableError(str(error)) from error

        def delete() -> None:
            # A network that was closed has taken its rules along.
            if not self._namespace.closed:
                self._namespace.run("iptables", "-w", "-D", chain, *rule)

        return delete

    def _count(self, change: int) -> None:
        with self._lock:
            self._cuts += change

    def _begin_lag(self) -> None:
        with self._lock:
            if self._lags:
                raise RuntimeError("the member lags already")
            self._lags = True

    def _end_lag(self) -> None:
        with self._lock:
            self._lags = False
