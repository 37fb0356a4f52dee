"""As a program: sessions of kazoo, with its default handler, and what it tells; see ``_events``.

kazoo says LOST when a server has said that the session has expired, and not before.
"""

from __future__ import annotations

import time
from threading import Event, Timer

from kazoo.client import KazooClient
from kazoo.exceptions import NodeExistsError
from kazoo.interfaces import IAsyncResult
from kazoo.protocol.states import KazooState
from kazoo.retry import KazooRetry

from bench.peers.python import _events
from bench.peers.python._events import Watched, emit


class Session:
    """One client, of one session after the other."""

    def __init__(self, watched: Watched, index: int) -> None:
        self._watched = watched
        self._index = index
        self._owner = 0
        """The session that the ephemeral node has been made in."""
        # It tries for ever by default too, but then waits for up to an hour in between.
        self._client = KazooClient(
            hosts=",".join(watched.servers),
            timeout=watched.timeout,
            connection_retry=KazooRetry(max_tries=-1),
        )
        self._client.add_listener(self._listen)

    def open(self) -> None:
        self._client.start_async()

    def _listen(self, state: KazooState) -> None:
        """On the thread of the connection, which must not be held up."""
        if state == KazooState.CONNECTED:
            session, _ = self._client.client_id
            # It does not tell which server it is connected to.
            emit(self._index, _events.CONNECTED, id=_events.hexadecimal(session), to="")
            self._client.exists_async(self._watched.path).rawlink(self._answered)
            if session != self._owner:
                self._make_node()
        elif state == KazooState.SUSPENDED:
            emit(self._index, _events.SUSPENDED, raw=str(state))
        elif state == KazooState.LOST:
            emit(self._index, _events.EXPIRED, raw=str(state))

    def _answered(self, answer: IAsyncResult) -> None:
        if answer.successful():
            emit(self._index, _events.ANSWERED)

    def _make_node(self) -> None:
        node = self._watched.node(self._index)
        self._client.create_async(node, ephemeral=True).rawlink(self._made)

    def _made(self, answer: IAsyncResult) -> None:
        if answer.successful():
            self._is_there()
        elif isinstance(answer.exception, NodeExistsError):
            # From an attempt whose answer was lost, or of a session that is yet to end.
            node = self._watched.node(self._index)
            self._client.exists_async(node).rawlink(self._found)
        # Anything else comes of a lost connection: the next CONNECTED tries again.

    def _found(self, answer: IAsyncResult) -> None:
        if not answer.successful():
            return
        stat, mine = answer.value, self._client.client_id
        if stat is not None and mine is not None and stat.ephemeralOwner == mine[0]:
            self._is_there()
        else:
            later = Timer(_events.IN_THE_WAY, self._make_node)
            later.daemon = True
            later.start()

    def _is_there(self) -> None:
        mine = self._client.client_id
        if mine is not None:
            self._owner = mine[0]
        emit(self._index, _events.EPHEMERAL)


def keep_all(watched: Watched) -> None:
    began = time.monotonic()
    sessions = [Session(watched, index) for index in range(watched.sessions)]
    for index, session in enumerate(sessions):
        time.sleep(max(0.0, began + watched.delay(index) - time.monotonic()))
        session.open()
    Event().wait()


if __name__ == "__main__":
    _events.main("kazoo", "kazoo", keep_all)
