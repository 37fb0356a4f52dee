"""Random histories of faults: whatever happens, what was answered stays, the same everywhere."""

from __future__ import annotations

import random

import pytest
import trio

from cluster_rig import at, rigged
from zkwire.testing._memory._cluster import Role

STEPS = 400


class History:
    """One random course of events, and what every member applied in it."""

    def __init__(self, rig, seed):
        self.rig = rig
        self.random = random.Random(seed)
        self.created = {}
        self.answered = set()
        self.applied = {replica.id: [] for replica in rig.replicas}
        self.cuts = []
        self.sessions = {}
        for replica in rig.replicas:
            self._record(replica)

    def _record(self, replica):
        real, seen = replica.apply, self.applied[replica.id]

        def apply(committed):
            assert committed.zxid > replica.database.last_zxid
            seen.append((committed.zxid, repr(committed.txn)))
            return real(committed)

        replica.apply = apply

    async def step(self, number):
        rig, cluster = self.rig, self.rig.cluster
        replica = self.random.choice(rig.replicas)
        match self.random.randrange(30):
            case 0:
                cluster.kill(replica)
            case 1 | 2 | 11:
                cluster.start(replica)
            case 3:
                cluster.freeze(replica)
            case 4 | 5 | 12:
                cluster.resume(replica)
            case 6:
                cluster.partition(replica)
                self.cuts.append(replica)
            case 7 | 8 | 13 if self.cuts:
                cluster.heal(self.cuts.pop())
            case 9:
                cluster.lag(replica, self.random.choice([0, 0, 0.5, 20]))
            case 10 | 14:
                await at(trio.current_time() + self.random.choice([0.1, 0.9, 2.5, 12.0]))
            case _:
                self.write(replica, number)

    def write(self, replica, number):
        if replica.frozen or self.rig.cluster.role(replica) is Role.NOT_SERVING:
            return
        session = self.sessions.get(replica.id)
        if session is None or not self.rig.cluster.touch(replica, session):
            opened = []
            self.rig.cluster.open_session(replica, 40_000, opened.append)
            if not opened:
                return
            session = self.sessions[replica.id] = opened[0]
        path = f"/n{number}"
        answers = self.rig.create(replica, session, path)
        self.created[path] = answers

    def acknowledged(self):
        return {
            path for path, answers in self.created.items() if any(not err for err, _ in answers)
        }

    async def mend(self):
        for replica in self.rig.replicas:
            self.rig.cluster.lag(replica, 0)
            self.rig.cluster.resume(replica)
            self.rig.cluster.start(replica)
        while self.cuts:
            self.rig.cluster.heal(self.cuts.pop())
        await at(trio.current_time() + 30)


@pytest.mark.parametrize("members", [1, 2, 3, 5])
@pytest.mark.parametrize("seed", range(8))
async def test_what_was_answered_is_there_in_the_end_and_the_same_everywhere(
    autojump_clock, members, seed
):
    async with rigged(members=members) as rig:
        history = History(rig, seed)
        for number in range(STEPS):
            await history.step(number)
        await history.mend()
        roles = rig.roles()
        assert roles.count("leader") + roles.count("standalone") == 1
        assert all(roles)
        acknowledged = history.acknowledged()
        assert len(acknowledged) > 5
        for path in acknowledged:
            assert rig.has(path) == [True] * members, path
        seen = {}
        for applied in history.applied.values():
            for zxid, txn in applied:
                assert seen.setdefault(zxid, txn) == txn
        roots = [replica.database.node("/") for replica in rig.replicas]
        assert all(root.children == roots[0].children for root in roots)
        assert all(
            replica.database.sessions == rig.replicas[0].database.sessions
            for replica in rig.replicas
        )
        # What nobody was told of may be there or not, but only once.
        assert all(len(answers) <= 1 for answers in history.created.values())


async def test_histories_have_writes_of_either_fate(autojump_clock):
    """The test above would prove little if nothing were ever lost, or left in doubt."""
    unanswered_there = unanswered_gone = 0
    for seed in range(8):
        async with rigged(members=3) as rig:
            history = History(rig, seed)
            for number in range(STEPS):
                await history.step(number)
            await history.mend()
            for path, answers in history.created.items():
                if not answers:
                    there = rig.has(path)[0]
                    unanswered_there += there
                    unanswered_gone += not there
    assert unanswered_there
    assert unanswered_gone
