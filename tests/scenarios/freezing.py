"""One server that stops, keeps its connections, and goes on."""

from __future__ import annotations

import trio

from coordinator import State
from scenarios._coordinating import held, is_kept, told
from scenarios._registry import scenario
from scenarios._stage import Stage
from scenarios._transcript import fate
from zkwire import ConnectionLost, Outcome


@scenario(control=True)
async def a_silent_server_is_given_up_before_the_session_is(stage: Stage) -> object:
    (member,) = stage.members
    async with stage.connect(session_timeout=1.0) as zk:
        await member.freeze()
        began, received = trio.current_time(), zk.last_received
        errors = []

        async def run(operation) -> None:
            errors.append(await fate(operation))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(run, zk.set(stage.home, b"1"))
            nursery.start_soon(run, zk.get(stage.home))
        assert all(isinstance(error, ConnectionLost) for error in errors), errors
        assert {error.outcome for error in errors} == {Outcome.UNKNOWN}
        assert isinstance(zk.failure, TimeoutError)
        assert trio.current_time() - received > 0.4
        assert trio.current_time() - began < 1.0
        late = await fate(zk.get(stage.home))
        await member.resume()
    return errors, late, zk.is_alive


@scenario(control=True)
async def what_was_sent_to_it_is_done_when_it_goes_on(stage: Stage) -> object:
    (member,) = stage.members
    path = f"{stage.home}/n"
    async with stage.connect() as zk:
        _, watch = await zk.exists_and_watch(path)
        await member.freeze()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(zk.create, path)
            await trio.sleep(0.2)
            assert watch.event is None
            await member.resume()
        assert zk.is_alive
        return await watch.wait(), await zk.get(path)


@scenario(control=True)
async def a_short_freeze_is_suspended_and_the_session_goes_on(stage: Stage) -> object:
    (member,) = stage.members
    async with stage.coordinate() as coordinator:
        session, transitions = await held(coordinator)
        reconnected = coordinator.reconnected
        async with session.scope() as scope:
            await member.freeze()
            suspended = await told(transitions, State.SUSPENDED)
            assert isinstance(suspended.cause, TimeoutError)
            lost = session.is_lost
            await member.resume()
            await told(transitions, State.CONNECTED)
        assert not scope.cancel_called
        assert reconnected.is_set()
        assert await is_kept(coordinator, session)
        return lost, coordinator.state


@scenario(control=True)
async def a_long_freeze_is_lost(stage: Stage) -> object:
    (member,) = stage.members
    async with stage.coordinate(session_timeout=1.0) as coordinator:
        session, transitions = await held(coordinator)
        async with session.scope() as scope:
            await member.freeze()
            await trio.sleep_forever()
        assert scope.cancelled_caught
        contact = session.last_contact
        suspended = await told(transitions, State.SUSPENDED)
        lost = await told(transitions, State.LOST)
        assert contact + 0.4 < suspended.at < lost.at
        assert lost.at >= contact + 1.0
        await member.resume()
        # Whether it finds the session expired is up to how its threads wake.
        await coordinator.wait_connected()
        assert coordinator.session is not None
        assert not coordinator.session.is_lost
        assert await coordinator.exists("/") is not None
        return suspended, lost, coordinator.state


@scenario(control=True)
async def nothing_can_be_opened_meanwhile(stage: Stage) -> object:
    (member,) = stage.members
    await member.freeze()

    async def connect() -> None:
        async with stage.connect(session_timeout=0.5):
            pass

    error = await fate(connect())
    assert isinstance(error, ConnectionLost)
    assert error.outcome is Outcome.NOT_SENT
    await member.resume()
    async with stage.connect() as zk:
        return error, zk.is_alive, member.frozen
