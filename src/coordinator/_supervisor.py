"""The background tasks: connect, serve, reconnect; and call a session lost in time.

They record what goes wrong and go on, or return; they never raise.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Final

import trio

import zkwire
from coordinator._addresses import ServerAddress
from coordinator._attempts import Attempts
from coordinator._config import Config
from coordinator._handover import Handover
from coordinator._hosts import HostRing
from coordinator._pace import MAX_DELAY, Pace
from coordinator._session import Session
from coordinator._standing import Standing
from coordinator._state import State

SAVING_FRACTION: Final = 1 / 8
"""Of the timeout: the longest delay between attempts while the session can be saved."""

LOST_FRACTION: Final = 1 / 3
"""The same while it is lost.  An ensemble that returns gives its sessions their whole timeout again
(SessionTrackerImpl begins anew with the leader): those who look three times in it find theirs."""


class Supervisor:
    """Keeps one coordinator's session alive, and opens the next when it has expired."""

    def __init__(self, config: Config, random: Random) -> None:
        self.standing = Standing(config)
        self._hosts = HostRing(config.servers, random)
        self._pace = Pace(random)
        self._stop = trio.CancelScope(shield=True)
        self._is_watched = False
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

    async def run(self, nursery: trio.Nursery) -> None:  # noqa: ASYNC910  # a background task
        """Connect and reconnect until stopped (a background task)."""
        try:
            with self._stop:
                while self.standing.failure is None:
                    self.watch_for_loss(nursery)
                    now = trio.current_time()
                    await trio.sleep_until(self._pace.attempt_at(now, self._longest_delay()))
                    await self._attempts.make(self._hosts.next())
        finally:
            # After a defect too: the other task would wait for ever, in its shield.
            self.standing.close()

    def _longest_delay(self) -> float:
        """Seconds between two attempts, at most.

        A session that can be saved yet must not run into its timeout between two looks:
        in a rolling restart, with 4 s, 2 of 30 did.
        """
        if self._is_suspended:
            return self.standing.timeout * SAVING_FRACTION
        if self.standing.status.state is State.LOST:
            return min(MAX_DELAY, self.standing.timeout * LOST_FRACTION)
        return MAX_DELAY

    def watch_for_loss(self, nursery: trio.Nursery) -> None:
        """See to it that a suspended session is called LOST in time.

        By a task of its own, since this one may just then be waiting for a server; and
        by one that is there for as long as it has something to do, since each takes 4 kB.
        """
        if self._is_suspended and not self._is_watched:
            self._is_watched = True
            nursery.start_soon(zkwire.as_service(self._call_lost))

    async def _call_lost(self) -> None:  # noqa: ASYNC910  # a background task
        """Call the session LOST when its timeout has passed (a background task)."""
        cell = self.standing.status.cell
        with trio.CancelScope(shield=True):  # ends with CLOSED, which run() always reaches
            # Asked again: the session may have been connected, and suspended anew,
            # between two looks of this task.
            while self._is_suspended and (session := self.standing.session) is not None:
                with trio.move_on_at(session.lost_at):
                    await cell.wait_until(lambda state: state is not State.SUSPENDED)
                if self.standing.session is session and self._is_due(session):
                    session.give_up()
                    self.standing.status.move(State.LOST, session_id=session.id)
        self._is_watched = False

    @property
    def _is_suspended(self) -> bool:
        return self.standing.status.state is State.SUSPENDED

    def _is_due(self, session: Session) -> bool:
        return self._is_suspended and trio.current_time() >= session.lost_at
