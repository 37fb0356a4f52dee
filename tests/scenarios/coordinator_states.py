"""A coordinator from its beginning to its end, and through the end of its sessions."""

from __future__ import annotations

import trio
from trio.testing import wait_all_tasks_blocked

from coordinator import State
from scenarios._coordinating import held, told, until
from scenarios._registry import scenario
from scenarios._stage import Stage
from scenarios._transcript import fate
from zkwire import ConnectionClosed, CreateMode, Outcome, SessionExpired


@scenario()
async def from_beginning_to_end(stage: Stage) -> object:
    async with stage.coordinate() as coordinator:
        first = coordinator.state, coordinator.session
        transitions = coordinator.transitions()
        await coordinator.wait_connected()
        session = coordinator.session
        assert session is not None
        seen = [coordinator.connected.is_set(), coordinator.suspended.is_set(), session.is_over]
        assert seen == [True, False, False]
        granted = session.negotiated_timeout
    states = [each.state async for each in transitions]
    assert (first, states) == ((State.CONNECTING, None), [State.CONNECTED, State.CLOSED])
    error = await fate(coordinator.create("/x"))
    assert isinstance(error, ConnectionClosed)
    return first, seen, granted, states, session.is_over, error


@scenario()
async def the_root_path_is_made_with_its_parents(stage: Stage) -> object:
    root = f"{stage.home}/a/b/c"
    async with stage.connect() as observer:
        for _ in range(2):  # the second time it is there
            async with stage.coordinate(root_path=root) as coordinator:
                await coordinator.wait_connected()
                await observer.sync(root)
                assert await observer.exists(root) is not None
        stats = [await observer.exists(f"{stage.home}{path}") for path in ("/a", "/a/b", "/a/b/c")]
        return [await observer.get(root), *stats]


@scenario()
async def all_paths_lie_below_the_root(stage: Stage) -> object:
    mode = CreateMode.EPHEMERAL_SEQUENTIAL
    async with stage.coordinate() as coordinator, stage.connect() as observer:
        _, watch = await coordinator.exists_and_watch("/a")
        made = [
            await coordinator.create("/a", b"1"),
            await coordinator.create("/a/q-", mode=mode),
            await coordinator.create("/", mode=mode),
            (await coordinator.create2("/a/b"))[0],
        ]
        assert made == ["/a", "/a/q-0000000000", "/0000000001", "/a/b"]
        await observer.sync(stage.home)
        theirs = sorted(await observer.get_children(stage.home))
        event = await watch.wait()
        assert event.path == "/a"
        mine = sorted(await coordinator.get_ephemerals())
        async with coordinator.watch("/", recursive=True) as stream:
            await coordinator.set("/a/b", b"1")
            await observer.set(stage.home, b"1")
            events = [await anext(stream), await anext(stream)]
        assert [each.path for each in events] == ["/a/b", "/"]
        return made, theirs, event, mine, events


@scenario()
async def an_expiry_is_told_once_and_the_next_session_comes(stage: Stage) -> object:
    async with stage.coordinate() as coordinator:
        session, transitions = await held(coordinator)
        _, watch = await session.exists_and_watch("/never")
        captured = coordinator.expired, coordinator.lost, session.expired, session.lost
        with trio.fail_after(20):
            async with session.scope() as scope:
                await stage.expire(session.id)
                await trio.sleep_forever()
            seen = await until(transitions, State.CONNECTING)
            assert seen[-2:] == [State.EXPIRED, State.CONNECTING]
            await told(transitions, State.CONNECTED)
        assert scope.cancelled_caught
        assert all(event.is_set() for event in captured)
        following = coordinator.session
        assert following is not None
        assert following.id != session.id
        errors = [await fate(session.create("/x")), await fate(watch.wait())]
        assert all(isinstance(error, SessionExpired) for error in errors)
        assert errors[0].outcome is Outcome.NOT_SENT
        left = await coordinator.get_children("/")
        assert left == []
        return seen[-2:], errors, left, session.is_over, coordinator.expired.is_set()


@scenario()
async def each_session_is_gone_through_once(stage: Stage) -> object:
    ids, cancelled = [], []
    async with stage.coordinate() as coordinator:
        transitions = coordinator.transitions()
        async for session in coordinator.sessions():
            ids.append(session.id)
            if len(ids) > 3:
                break
            async with session.scope() as scope:
                await session.create("/mine", mode=CreateMode.EPHEMERAL)
                await stage.expire(session.id)
                await trio.sleep_forever()
            cancelled.append(scope.cancelled_caught)
    assert len(set(ids)) == 4
    expired = [each.session_id async for each in transitions if each.state is State.EXPIRED]
    assert expired == ids[:3]
    return len(ids), cancelled


@scenario()
async def an_expiry_before_the_scope_is_not_missed(stage: Stage) -> object:
    worked = []
    async with stage.coordinate() as coordinator:
        session = await anext(coordinator.sessions())
        await stage.expire(session.id)
        with trio.fail_after(20):
            await session.expired.wait()
            await coordinator.wait_connected()
        async with session.scope() as scope:
            worked.append("entered")
            await trio.lowlevel.checkpoint()
            worked.append("worked in a session that is gone")
        assert scope.cancelled_caught
        return worked, (await anext(coordinator.sessions())).id != session.id


@scenario()
async def leaving_ends_the_session_and_every_wait(stage: Stage) -> object:
    seen = []

    async def work(coordinator) -> None:
        async for session in coordinator.sessions():
            async with session.scope():
                await trio.sleep_forever()
            seen.append("cancelled")
        seen.append("no more sessions")
        seen.append(await fate(session.get("/")))

    async def wait(coordinator) -> None:
        seen.append(await fate(coordinator.wait_expired()))

    async with stage.connect() as observer, trio.open_nursery() as nursery:
        async with stage.coordinate() as coordinator:
            await held(coordinator)
            nursery.start_soon(work, coordinator)
            nursery.start_soon(wait, coordinator)
            await wait_all_tasks_blocked()
        left = await observer.get_children(stage.home)
        assert left == []
    return {str(each) for each in seen}, left


@scenario()
async def a_cancelled_block_ends_the_session_too(stage: Stage) -> object:
    steps = []
    async with stage.connect() as observer:
        with trio.CancelScope() as scope:
            async with stage.coordinate() as coordinator:
                await held(coordinator)
                await coordinator.create("/tidied")
                try:
                    scope.cancel()
                    await trio.sleep_forever()
                finally:
                    with trio.CancelScope(deadline=trio.current_time() + 5, shield=True):
                        await coordinator.delete("/tidied")
                    steps.append("tidied")
        assert scope.cancelled_caught
        left = await observer.get_children(stage.home)
        assert (steps, left) == (["tidied"], [])
        return steps, left, coordinator.state
