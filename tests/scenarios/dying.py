"""One server that dies, comes back, or is not there."""

from __future__ import annotations

import trio
from trio.testing import wait_all_tasks_blocked

from coordinator import State
from scenarios._coordinating import held, is_kept, told, until
from scenarios._registry import scenario
from scenarios._stage import Stage
from scenarios._transcript import error_of, fate
from zkwire import ConnectionLost, CreateMode, Outcome

# Long sessions: a real server takes a second or two to come back.
TICK = 1.0
LONG = 20.0


@scenario(control=True)
async def a_connection_is_lost_with_its_server(stage: Stage) -> object:
    (member,) = stage.members
    async with stage.connect() as zk:
        _, watch = await zk.exists_and_watch(f"{stage.home}/n")
        await member.kill()
        with trio.fail_after(10):
            await zk.wait_lost()
        errors = [await error_of(zk.get(stage.home)), await error_of(watch.wait())]
        assert all(isinstance(error, ConnectionLost) for error in errors)
        assert errors[0].outcome is Outcome.NOT_SENT
        try:
            async with stage.connect():
                refused = False
        except OSError:
            refused = True
        assert refused
        return errors, zk.is_alive, member.running


@scenario(control=True, tick_time=TICK)
async def a_restart_keeps_everything(stage: Stage) -> object:
    (member,) = stage.members
    async with stage.coordinate(session_timeout=LONG) as coordinator:
        session, transitions = await held(coordinator)
        await coordinator.create("/n", b"1")
        await coordinator.set("/n", b"2")
        _, _, watch = await coordinator.get_and_watch("/n")
        made = [await coordinator.create("/q-", mode=CreateMode.PERSISTENT_SEQUENTIAL)]
        for restart in (member.kill, member.stop):
            await restart()
            await told(transitions, State.SUSPENDED)
            await member.start()
            await until(transitions, State.CONNECTED)
            made.append(await coordinator.create("/q-", mode=CreateMode.PERSISTENT_SEQUENTIAL))
        assert watch.event is None, "it fired for nothing"
        assert await is_kept(coordinator, session)
        got = await coordinator.get("/n")
        await coordinator.set("/n", b"3")
        return made, got, await watch.wait()


@scenario(control=True)
async def no_session_ends_while_nobody_is_there(stage: Stage) -> object:
    (member,) = stage.members
    path = f"{stage.home}/e"
    async with stage.connect() as zk:
        await zk.create(path, mode=CreateMode.EPHEMERAL)
        timeout = zk.session.negotiated_timeout
        zk.detach()
    await member.kill()
    await trio.sleep(timeout)
    await member.start()  # which gives each its whole time anew
    async with stage.attach(zk) as again:
        stat = await again.exists(path)
        assert stat is not None
        return timeout, stat


@scenario(control=True)
async def a_server_that_appears_later_is_found(stage: Stage) -> object:
    (member,) = stage.members
    await member.stop()
    async with stage.coordinate() as coordinator:
        transitions = coordinator.transitions()
        with trio.move_on_after(0.5) as waiting:
            await coordinator.create("/x")
        before = waiting.cancelled_caught, coordinator.state, coordinator.session
        assert before == (True, State.CONNECTING, None)
        await member.start()
        made = await coordinator.create("/x")
        await told(transitions, State.CONNECTED)
        return before, made, coordinator.state


@scenario(control=True)
async def what_waits_is_sent_when_it_is_back(stage: Stage) -> object:
    (member,) = stage.members
    done = {}
    async with stage.coordinate() as coordinator:
        _, transitions = await held(coordinator)
        await member.kill()
        await told(transitions, State.SUSPENDED)

        async def run(name: str, operation) -> None:
            done[name] = await fate(operation)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(run, "create", coordinator.create("/x", b"1"))
            nursery.start_soon(run, "children", coordinator.get_children2("/x-none"))
            await wait_all_tasks_blocked()
            assert not done
            await member.start()
        assert done["create"] == "/x"
        return done, await coordinator.get("/x")


@scenario(control=True)
async def leaving_while_nobody_is_there(stage: Stage) -> object:
    (member,) = stage.members
    async with stage.coordinate() as coordinator:
        session, transitions = await held(coordinator)
        await member.kill()
        await told(transitions, State.SUSPENDED)
        left_at = trio.current_time()
    took = trio.current_time() - left_at
    assert took < 1.0, "there is nothing to wait for"
    states = [each.state async for each in transitions]
    assert states == [State.CLOSED]
    return states, session.is_over


@scenario(control=True)
async def a_dead_server_means_lost_and_nothing_more(stage: Stage) -> object:
    (member,) = stage.members
    async with stage.coordinate(session_timeout=1.0) as coordinator:
        session, transitions = await held(coordinator)
        async with session.scope() as scope:
            await member.kill()
            await trio.sleep_forever()
        assert scope.cancelled_caught
        contact = session.last_contact
        lost = await told(transitions, State.SUSPENDED, State.LOST)
        assert lost.at >= contact + 1.0
        with trio.move_on_after(1.5) as waiting:
            await anext(transitions)
        assert waiting.cancelled_caught, "only a server can say that it has expired"
        return session.is_lost, session.is_over, coordinator.lost.is_set()
