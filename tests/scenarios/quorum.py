"""Three servers without their leader, or without a majority."""

from __future__ import annotations

import trio

from scenarios._registry import scenario
from scenarios._stage import Stage, until_gone
from scenarios._transcript import fate
from zkwire import ConnectionLost, CreateMode, Outcome, ServerUnusable, SessionExpired

TICK = 0.5
LONG = 10.0
ours = scenario(members=3, control=True, tick_time=TICK)


@ours
async def another_leads_when_the_leader_dies(stage: Stage) -> object:
    home = stage.home
    leader, (follower, _) = await stage.split()
    async with stage.connect(leader) as zk:
        await zk.create(f"{home}/before", b"1")
        before = await zk.exists(f"{home}/before")
    await leader.kill()
    await stage.ensemble.wait_ready()
    after, _ = await stage.split()
    assert after.id != leader.id
    async with stage.connect(follower) as zk:
        await zk.sync(home)
        data, stat = await zk.get(f"{home}/before")
        assert (data, stat) == (b"1", before)
        _, new = await zk.create2(f"{home}/after")
        assert new.czxid >> 32 > stat.czxid >> 32, "each leader counts in an epoch of its own"
        return data, stat, new


@ours
async def a_minority_serves_nobody(stage: Stage) -> object:
    home = stage.home
    leader, (first, second) = await stage.split()
    async with stage.connect(first) as zk:
        await zk.set(home, b"1")
        await leader.kill()
        await second.kill()
        with trio.fail_after(20):
            await zk.wait_lost()
        lost = await fate(zk.get(home))
        assert isinstance(lost, ConnectionLost)
    mode = await stage.ensemble.mode(first)
    assert mode == "not serving"

    async def connect() -> None:
        async with stage.connect(first):
            pass

    refused = await fate(connect())
    assert isinstance(refused, ServerUnusable)
    await second.start()
    await stage.ensemble.wait_ready()
    async with stage.connect(first) as zk:
        await zk.sync(home)
        return lost, mode, refused, await zk.get(home)


@ours
async def a_write_without_a_majority_is_unknown(stage: Stage) -> object:
    home = stage.home
    leader, (first, second) = await stage.split()
    async with stage.connect(leader) as zk:
        await first.freeze()
        await second.freeze()
        error = await fate(zk.create(f"{home}/n"))
        assert isinstance(error, ConnectionLost)
        assert error.outcome is Outcome.UNKNOWN
        await first.resume()
        await second.resume()
    await stage.ensemble.wait_ready()
    async with stage.connect(first) as zk:
        await zk.sync(home)
        # It was logged by one of them at least, which may or may not lead now.
        assert len(await zk.get_children(home)) <= 1
        return error


@ours
async def an_expiry_is_seen_at_every_member(stage: Stage) -> object:
    path = f"{stage.home}/e"
    leader, (first, second) = await stage.split()
    async with stage.connect(leader) as one, stage.connect(second) as two:
        async with stage.connect(first, session_timeout=1.0) as zk:
            await zk.create(path, mode=CreateMode.EPHEMERAL)
            zk.detach()
        for observer in (one, two):
            await observer.sync(path)
            await until_gone(observer, path)

        async def attach(member) -> None:
            async with stage.attach(zk, member):
                pass

        errors = [await fate(attach(member)) for member in stage.members]
        assert all(isinstance(error, SessionExpired) for error in errors), errors
        return errors


@ours
async def a_session_without_a_client_outlives_its_leader(stage: Stage) -> object:
    path = f"{stage.home}/e"
    leader, (first, second) = await stage.split()
    async with stage.connect(first, session_timeout=LONG) as zk:
        await zk.create(path, mode=CreateMode.EPHEMERAL)
        zk.detach()
    await leader.kill()
    await stage.ensemble.wait_ready()
    async with stage.attach(zk, second) as again:
        stat = await again.exists(path)
        assert stat is not None
        await again.sync(path)
        assert await again.get_ephemerals(stage.home) == [path]
        return stat


@ours
async def a_member_that_was_away_catches_up(stage: Stage) -> object:
    home = stage.home
    _, (first, second) = await stage.split()
    await first.kill()
    async with stage.connect(second) as zk:
        for number in range(50):
            await zk.create(f"{home}/{number:02}", b"%d" % number)
        await zk.delete(f"{home}/00")
    await first.start()
    await stage.ensemble.wait_ready()
    async with stage.connect(first) as zk:
        await zk.sync(home)
        names, stat = await zk.get_children2(home)
        assert len(names) == 49
        return sorted(names), stat, await zk.get(f"{home}/49")
