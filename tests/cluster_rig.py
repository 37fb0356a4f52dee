"""An in-memory ensemble without connections: its members are asked directly."""

from __future__ import annotations

from contextlib import asynccontextmanager

import trio
import trio.testing

from zkwire import Acl, Identity, Perms
from zkwire.testing._memory._cluster import Cluster, Proposal
from zkwire.testing._memory._database import CloseSession, CreateNode, Database, SetNodeData
from zkwire.testing._memory._serving import Replica
from zkwire.testing._memory._settings import Settings

OPEN = (Acl(Perms.ALL, Identity("world", "anyone")),)
WHO = frozenset({Identity("ip", "127.0.0.1")})
PERSISTENT, EPHEMERAL = 0, 1


class ToldReplica(Replica):
    """A member that notes when the ensemble closes connections or wakes it."""

    def __init__(self, member_id, settings):
        super().__init__(member_id, settings, Database())
        self.closed = []
        self.told = []

    def close_links(self, *, reset):
        self.closed.append((trio.current_time(), "reset" if reset else "end"))
        super().close_links(reset=reset)

    def close_links_of(self, session_id):
        self.told.append(("closed", session_id, trio.current_time()))
        super().close_links_of(session_id)

    def wake(self):
        self.told.append(("woken", trio.current_time()))
        super().wake()


class Rig:
    """An ensemble, and clients that need no connection."""

    def __init__(self, settings):
        self.settings = settings
        self.replicas = [ToldReplica(server_id, settings) for server_id in settings.server_ids]
        self.cluster = Cluster(settings, self.replicas)
        for replica in self.replicas:
            replica.attach(self.cluster)

    def roles(self):
        return [self.cluster.role(replica).value for replica in self.replicas]

    def open(self, replica, timeout=4.0):
        answers = []
        self.cluster.open_session(replica, round(timeout * 1000), answers.append)
        return answers[0] if answers else None

    def resume(self, replica, session_id, timeout=4.0, password=None):
        """The answers, as they come."""
        answers = []
        password = Cluster.password_of(session_id) if password is None else password
        self.cluster.resume_session(
            replica, session_id, password, round(timeout * 1000), answers.append
        )
        return answers

    def submit(self, replica, session_id, write):
        """The answers, as they come: error code and time."""
        answers = []

        def done(applied):
            answers.append((applied.err, trio.current_time()))

        self.cluster.submit(Proposal(replica, session_id, write, WHO, done))
        return answers

    def create(self, replica, session_id, path, flags=PERSISTENT, **more):
        return self.submit(replica, session_id, CreateNode(path, b"", OPEN, flags, **more))

    def set(self, replica, session_id, path, data=b"x"):
        return self.submit(replica, session_id, SetNodeData(path, data, -1))

    def close(self, replica, session_id):
        return self.submit(replica, session_id, CloseSession(session_id))

    def sync(self, replica):
        """When it was answered, once it was."""
        answers = []
        self.cluster.sync(replica, lambda: answers.append(trio.current_time()))
        return answers

    def has(self, path):
        """Which members have the node."""
        return [replica.database.node(path) is not None for replica in self.replicas]

    async def until(self, condition, step=0.25, limit=1000.0):
        """When a condition comes true, to a step."""
        with trio.fail_after(limit):
            await trio.testing.wait_all_tasks_blocked()
            while not condition():
                await at((trio.current_time() // step + 1) * step)
        return trio.current_time()


@asynccontextmanager
async def rigged(members=3, tick_time=2.0, election_time=None, **config):
    """A running ensemble; keys of zoo.cfg have _ for a dot."""
    keys = {key.replace("_", "."): value for key, value in config.items()}
    settings = Settings.from_config(
        keys, members=members, tick_time=tick_time, election_time=election_time
    )
    rig = Rig(settings)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(rig.cluster.run)
        yield rig
        nursery.cancel_scope.cancel()


async def at(moment):
    """Sleep until the clock shows this, after whatever else is due then."""
    await trio.sleep_until(moment)
    await trio.testing.wait_all_tasks_blocked()
