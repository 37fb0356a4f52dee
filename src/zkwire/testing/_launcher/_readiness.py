"""Waiting until the servers of an ensemble that was just started serve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from zkwire.testing._launcher._ensemble import READY_LIMIT, all_serve
from zkwire.testing._launcher._errors import PortTakenError, ZooKeeperStartError
from zkwire.testing._launcher._waiting import wait_until
from zkwire.testing._launcher._words import listens, mode_or_silence

if TYPE_CHECKING:
    from zkwire.testing._launcher._ensemble import Member

_BIND_FAILURES: Final = ("BindException", "Address already in use")


def wait_started(members: list[Member]) -> None:
    """Wait for one leader, or one standalone server, with everyone else following.

    Raises:
        PortTakenError: A server could not bind one of its ports.
        ZooKeeperStartError: They were not ready in time, or one of them has ended.
    """
    modes: list[str | None] = []

    def settled() -> bool:
        modes[:] = [mode_or_silence(each.address) for each in members]
        return _all_ready(members, modes) or not all(each.running for each in members)

    wait_until(settled, READY_LIMIT)
    if _all_ready(members, modes) and all(each.running for each in members):
        return
    logs = {each: each.log_tail() for each in members}
    for member, log in logs.items():
        if any(sign in log for sign in _BIND_FAILURES):
            raise PortTakenError(f"{member!r}: {log}")
    report_lines = [
        f"{member!r} {'runs' if member.running else 'has ended'}, mode {mode}; its log ends:\n{log}"
        for (member, log), mode in zip(logs.items(), modes, strict=True)
    ]
    raise ZooKeeperStartError(
        f"not ready within {READY_LIMIT:g} s, or ended:\n" + "\n".join(report_lines)
    )


def _all_ready(members: list[Member], modes: list[str | None]) -> bool:
    # A server opens the port of TLS after the other one.
    return all_serve(modes) and all(
        each.secure_address is None or listens(each.secure_address) for each in members
    )
