"""What can go wrong on the way to a running server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A provider that was not taken, why, and what would make it usable.

    Attributes:
        provider: The provider's name.
        reason: Why it could not be used, in one line.
        remedy: What to install or set, or an empty string where nothing would help.
    """

    provider: str
    reason: str
    remedy: str = ""


class UnavailableError(Exception):
    """Raised by a provider that cannot serve here; the next one is tried."""

    def __init__(self, reason: str, remedy: str = "") -> None:
        # It becomes part of a one-line description, and may quote a program's output.
        self.reason = " ".join(reason.split())
        super().__init__(self.reason)
        self.remedy = remedy


class PortTakenError(Exception):
    """Raised when something else took a port between its choice and the server's bind."""


class NoZooKeeperError(Exception):
    """No provider can start a ZooKeeper server here.

    Attributes:
        passed_over: Every provider that was tried, in order, with its reason.
    """

    def __init__(self, passed_over: Sequence[PassedOver]) -> None:
        self.passed_over = tuple(passed_over)
        lines = ["no ZooKeeper server can be started here:"]
        for each in self.passed_over:
            lines.append(f"  {each.provider}: {each.reason}")
            if each.remedy:
                lines.append(f"    to use it: {each.remedy}")
        super().__init__("\n".join(lines))


class ZooKeeperStartError(Exception):
    """A server was started and did not become ready; the message ends with its log's tail."""


class NotControllableError(Exception):
    """A server was asked for what is not in our hands; the message says why.

    Only its owner can kill, freeze or restart a given server, and only the members of an
    isolated ensemble can be cut from each other.
    """
