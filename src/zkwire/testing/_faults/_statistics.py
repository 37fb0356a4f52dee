"""What a proxy has seen."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody tried to connect.

    Attributes:
        time: When, by `trio.current_time`.
        accepted: Whether the proxy took the connection.
    """

    time: float
    accepted: bool


@dataclass(frozen=True, slots=True)
class ProxyStatistics:
    """What a proxy has seen since it was opened.

    Attributes:
        accepted: Connections that it took, whatever became of them.
        refused: Connections that it refused. Over TCP a port that is down is refused by the
            kernel, unseen, unless the client dials with ``faults.dial``.
        open: Connections there are now.
        bytes_upstream: Bytes passed on to the server.
        bytes_downstream: Bytes passed on to clients.
        attempts: Each attempt to connect, in order.
    """

    accepted: int
    refused: int
    open: int
    bytes_upstream: int
    bytes_downstream: int
    attempts: tuple[Attempt, ...]
