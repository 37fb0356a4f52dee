"""A coordinator over connections that are cut, held up, refused and corrupted."""

from __future__ import annotations

from contextlib import AsyncExitStack

import trio

from coordinator import State
from scenarios._coordinating import STEADY, held, is_kept, told, until
from scenarios._registry import scenario
from scenarios._stage import Stage, until_gone

BACK_AGAIN = (State.EXPIRED, State.CONNECTING, State.CONNECTED)


@scenario()
async def a_cut_is_suspended_and_the_session_goes_on(stage: Stage) -> object:
    async with stage.faults() as faults, stage.coordinate(via=faults) as coordinator:
        session, transitions = await held(coordinator)
        suspended, reconnected = coordinator.suspended, coordinator.reconnected
        async with session.scope() as scope:
            for _ in range(2):
                async with faults.reset_peer():
                    pass
                await told(transitions, State.SUSPENDED, State.CONNECTED)
                await trio.sleep(STEADY)
        assert not scope.cancel_called
        assert suspended.is_set()
        assert reconnected.is_set()
        assert await is_kept(coordinator, session)
        return coordinator.state, await coordinator.create("/n")


@scenario()
async def a_short_silence_is_suspended_and_the_session_goes_on(stage: Stage) -> object:
    async with stage.faults() as faults, stage.coordinate(via=faults) as coordinator:
        session, transitions = await held(coordinator)
        async with session.scope() as scope:
            async with faults.timeout():
                suspended = await told(transitions, State.SUSPENDED)
                assert isinstance(suspended.cause, TimeoutError)
            await told(transitions, State.CONNECTED)
        assert not scope.cancel_called
        assert await is_kept(coordinator, session)
        return suspended, coordinator.state


@scenario()
async def a_long_silence_is_lost_before_anybody_sees_it(stage: Stage) -> object:
    path, cancelled_at = f"{stage.home}/mine", []

    async def work(session) -> None:
        async with session.scope():
            await trio.sleep_forever()
        cancelled_at.append(trio.current_time())

    async with (
        stage.faults() as faults,
        stage.connect() as observer,
        stage.coordinate(via=faults, session_timeout=0.6) as coordinator,
        trio.open_nursery() as nursery,
    ):
        session, transitions = await held(coordinator)
        nursery.start_soon(work, session)
        await observer.sync(path)
        async with faults.timeout():
            await until_gone(observer, path)
            gone_at = trio.current_time()
            lost = await told(transitions, State.SUSPENDED, State.LOST)
            assert session.last_contact + 0.6 <= lost.at <= cancelled_at[0] < gone_at
            assert not session.is_over, "it has not been told yet"
        await told(transitions, *BACK_AGAIN)
        assert session.is_over
        return lost, coordinator.state, await coordinator.get_children("/")


@scenario()
async def one_that_was_lost_and_has_survived_comes_again(stage: Stage) -> object:
    async with (
        stage.faults() as faults,
        stage.coordinate(via=faults, session_timeout=1.0) as coordinator,
        AsyncExitStack() as stack,
    ):
        session, transitions = await held(coordinator)
        sessions = coordinator.sessions()
        assert await anext(sessions) is session
        captured = coordinator.lost, coordinator.reconnected, session.lost
        async with faults.down():
            await told(transitions, State.SUSPENDED)
            # Somebody keeps it alive; an ensemble that is down does so too, however long.
            keeping = stage.connect(credentials=session.credentials, session_timeout=1.0)
            keeper = await stack.enter_async_context(keeping)
            async with session.scope() as scope:
                await trio.sleep_forever()
            assert scope.cancelled_caught
            await told(transitions, State.LOST)
        await told(transitions, State.CONNECTED)
        await keeper.wait_lost()  # the server has taken the newer of two
        assert await anext(sessions) is session
        assert all(event.is_set() for event in captured)
        assert await is_kept(coordinator, session)
        async with session.scope() as scope:
            await trio.lowlevel.checkpoint()
        return scope.cancel_called, session.is_lost, coordinator.lost.is_set()


@scenario()
async def an_expiry_while_away_is_told_at_the_return(stage: Stage) -> object:
    async with stage.faults() as faults, stage.coordinate(via=faults) as coordinator:
        session, transitions = await held(coordinator)
        async with faults.down():
            await told(transitions, State.SUSPENDED)
            await stage.expire(session.id)
            assert not session.is_over
        seen = await until(transitions, State.CONNECTED)
        assert seen == list(BACK_AGAIN)
        assert session.is_over
        return seen, await coordinator.get_children("/")


@scenario()
async def a_server_that_takes_nobody_is_tried_until_it_does(stage: Stage) -> object:
    seen = []
    async with stage.faults() as faults:
        for fault in (faults.down, faults.accept_then_close, faults.reset_peer):
            async with fault(), stage.coordinate(via=faults) as coordinator:
                with trio.move_on_after(0.3) as waiting:
                    await coordinator.wait_connected()
                seen.append((waiting.cancelled_caught, coordinator.state))
        async with stage.coordinate(via=faults) as coordinator:
            async with faults.accept_then_close():
                with trio.move_on_after(0.3):
                    await coordinator.wait_connected()
                assert coordinator.state is State.CONNECTING
            await coordinator.wait_connected()
            seen.append(await coordinator.create("/n"))
    assert seen[:3] == [(True, State.CONNECTING)] * 3
    return seen
