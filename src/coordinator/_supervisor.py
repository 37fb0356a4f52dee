"""The background tasks: connect, serve, reconnect; and call a session lost in time.

They record what goes wrong and go on, or return; they never raise.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Final

import trio

from coordinator._addresses import ServerAddress
from coordinator._attempts import Attempts
from coordinator._config import Config
from coordinator._handover import Handover
from coordinator._hosts import HostRing
from coordinator._pace import MAX_DELAY, Pace
from coordinator._session import Session
from coordinator._standing import Standing
from coordinator._state import TERMINAL, State

SAVING_FRACTION: Final = 1 / 8
"""Of the timeout: the longest delay between attempts while the session can be saved."""


class Supervisor:
    """Keeps one coordinator's session alive, and opens the next when it has expired."""

    def __init__(self, config: Config, random: Random) -> None:
        self.standing = Standing(config)
        self._hosts = HostRing(config.servers, random)
        self._pace = Pace(random)
        self._stop = trio.CancelScope(shield=True)
        self._attempts = Attempts(self.standing, self._hosts, self._pace, self._stop)

    @property
    def servers(self) -> tuple[ServerAddress, ...]:
        """The servers, in the order in which they are tried."""
        return self._hosts.servers

    def stop(self) -> None:
        """Have the tasks end; the session is ended with them, if a server is connected."""
        if self.standing.session is not None:
            # Before anything else: what runs in its scope must not be at work still
            # when the server has removed its nodes.
            self.standing.session.close()
        self._stop.cancel()

    def detach(self) -> Handover | None:
        """Drop the connection and stop, without ending the session; None if there is none."""
        session, connection = self.standing.session, self.standing.connection
        if session is not None and connection is not None:
            session.detach(connection)
            connection.detach()
        handover = self.standing.handover()
        if handover is not None:
            self.stop()
        return handover

    def update_servers(self, servers: Sequence[ServerAddress]) -> None:
        """Use other servers from now on, and leave the present one if the new list says so."""
        connection = self.standing.connection
        if self._hosts.replace(servers, self.standing.server) and connection is not None:
            connection.detach()

    async def run(self) -> None:  # noqa: ASYNC910  # a background task
        """Connect and reconnect until stopped (a background task)."""
        try:
            with self._stop:
                while self.standing.failure is None:
                    now = trio.current_time()
                    await trio.sleep_until(self._pace.attempt_at(now, self._longest_delay()))
                    await self._attempts.make(self._hosts.next())
        finally:
            # After a defect too: watch_for_loss() would wait for ever, in its shield.
            self.standing.close()

    def _longest_delay(self) -> float:
        """Seconds between two attempts, at most.

        A session that can be saved yet must not run into its timeout between two looks:
        in a rolling restart, with 4 s, 2 of 30 did.
        """
        if self.standing.status.state is State.SUSPENDED:
            return self.standing.timeout * SAVING_FRACTION
        return MAX_DELAY

    async def watch_for_loss(self) -> None:
        """Call the session LOST when its timeout has passed without an answer (a background task).

        Apart from ``run``, which may just then be waiting for a server.
        """
        cell = self.standing.status.cell
        with trio.CancelScope(shield=True):  # ends with CLOSED, which run() always reaches
            while True:
                state = await cell.wait_until(lambda s: s is State.SUSPENDED or s in TERMINAL)
                if state in TERMINAL or self.standing.session is None:
                    return
                session = self.standing.session
                with trio.move_on_at(session.lost_at):
                    await cell.wait_until(lambda s: s is not State.SUSPENDED)
                # Asked again: the session may have been connected, and suspended anew,
                # between two looks of this task.
                if self.standing.session is session and self._is_due(session):
                    session.give_up()
                    self.standing.status.move(State.LOST, session_id=session.id)

    def _is_due(self, session: Session) -> bool:
        is_suspended = self.standing.status.state is State.SUSPENDED
        return is_suspended and trio.current_time() >= session.lost_at
