"""Three servers, one of which is cut off from the others, or behind them, and not from clients."""

from __future__ import annotations

import trio

from scenarios._registry import scenario
from scenarios._stage import Stage, until_gone
from scenarios._transcript import error_of, fate
from zkwire import ConnectionLost, CreateMode, Outcome, SessionExpired

# A member that is cut off serves its clients for four seconds: its sessions end much earlier.
SHORT = 0.6
ours = scenario(members=3, control=True, isolated=True, tick_time=0.2, config={"syncLimit": 20})


@ours
async def a_member_that_is_cut_off_answers_for_a_session_that_is_over(stage: Stage) -> object:
    leader, (follower, other) = await stage.split()
    path = f"{stage.home}/e"
    async with (
        stage.connect(leader) as observer,
        stage.connect(follower, session_timeout=SHORT) as held,
    ):
        await held.create(path, mode=CreateMode.EPHEMERAL)
        await observer.sync(path)
        async with follower.partition():
            await until_gone(observer, path)
            over_at = trio.current_time()
            # Its server says that all is well.
            stat = await held.exists(path)
            assert stat is not None
            while held.last_contact <= over_at:  # noqa: ASYNC110  # pings tell nobody
                await trio.sleep(0.05)
            alive, mode = held.is_alive, await stage.ensemble.mode(follower)
            assert (alive, mode) == (True, "follower")
        await stage.ensemble.wait_ready()
        await held.wait_lost()

    async def attach() -> None:
        async with stage.attach(held, other):
            pass

    error = await fate(attach())
    assert isinstance(error, SessionExpired)
    return stat, alive, mode, error


@ours
async def a_leader_that_is_cut_off_goes_on_for_a_while(stage: Stage) -> object:
    home = stage.home
    leader, _ = await stage.split()
    async with stage.connect(leader) as old:
        await old.set(home, b"old")
        async with leader.partition():
            mode = await stage.ensemble.mode(leader)
            assert mode == "leader", "it does not know yet"
            await old.sync(home)  # it answers this alone too
            before = await old.get(home)
            assert before[0] == b"old"
            while (  # noqa: ASYNC110  # an election tells nobody
                successor := await stage.ensemble.leader()
            ) is leader:
                await trio.sleep(0.05)
            await stage.ensemble.wait_ready()
            async with stage.connect(successor) as new:
                await new.set(home, b"new")
            await old.wait_lost()
            lost = await error_of(old.get(home))
    await stage.ensemble.wait_ready()
    async with stage.connect(leader) as again:
        await again.sync(home)
        after = await again.get(home)
        assert after[0] == b"new"
        return mode, before, lost, after, await stage.ensemble.mode(leader)


@ours
async def a_write_at_a_member_that_is_cut_off_is_unknown(stage: Stage) -> object:
    home = stage.home
    leader, (follower, _) = await stage.split()
    async with stage.connect(leader) as observer, stage.connect(follower) as zk:
        async with follower.partition():
            error = await error_of(zk.set(home, b"lost"))
            assert isinstance(error, ConnectionLost)
            assert error.outcome is Outcome.UNKNOWN
            data, _ = await observer.get(home)
            assert data == b""
        await stage.ensemble.wait_ready()
        return error, data


@ours
async def a_write_waits_where_the_cut_is_short(stage: Stage) -> object:
    home, done = stage.home, []
    leader, (follower, _) = await stage.split()

    async def write() -> None:
        done.append(await zk.set(home, b"late"))

    async with (
        stage.connect(leader) as observer,
        stage.connect(follower) as zk,
        stage.connect(follower) as beside,
        trio.open_nursery() as nursery,
    ):
        async with follower.partition():
            nursery.start_soon(write)
            await trio.sleep(0.3)
            assert not done
            # Whoever does not wait for the write of another session reads on.
            read = await beside.get(home)
            held_back, _ = await observer.get(home)
            assert read[0] == held_back == b""
        await observer.sync(home)
    async with stage.connect(leader) as observer:
        data, stat = await observer.get(home)
        assert (data, stat) == (b"late", done[0])
        return read, data, stat


@ours
async def a_member_that_lags_shows_the_past(stage: Stage) -> object:
    home = stage.home
    leader, (follower, _) = await stage.split()
    async with stage.connect(leader) as writer, stage.connect(follower) as reader:
        _, _, watch = await reader.get_and_watch(home)
        async with follower.lag(0.6):
            began = trio.current_time()
            await writer.set(home, b"new")
            old = await reader.get(home)
            assert old[0] == b""
            event = await watch.wait()
            assert trio.current_time() - began >= 0.6
            new = await reader.get(home)
            assert new[0] == b"new"
            began = trio.current_time()
            await reader.set(home, b"newer")
            assert trio.current_time() - began >= 0.6, "its own commit comes late too"
        await reader.sync(home)
        return old, event, new, await reader.get(home)


@ours
async def a_sync_at_a_member_that_lags_waits(stage: Stage) -> object:
    home = stage.home
    leader, (follower, _) = await stage.split()
    async with stage.connect(leader) as writer, stage.connect(follower) as reader:
        async with follower.lag(0.6):
            began = trio.current_time()
            await writer.set(home, b"new")
            await reader.sync(home)
            assert trio.current_time() - began >= 0.6
            got = await reader.get(home)
            assert got[0] == b"new"
        return got, reader.is_alive


@ours
async def one_that_lags_takes_no_client_that_has_seen_more(stage: Stage) -> object:
    home = stage.home
    leader, (follower, _) = await stage.split()
    async with stage.connect(leader) as zk:
        async with follower.lag(1.0):
            await zk.set(home, b"new")
            zk.detach()

            async def attach() -> object:
                async with stage.attach(zk, follower) as again:
                    return await again.get(home)

            # Time must not run backwards: it closes the connection in place of an answer.
            error = await error_of(attach())
        got = await attach()
        assert got[0] == b"new"
        return error, got
