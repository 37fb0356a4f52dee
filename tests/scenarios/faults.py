"""What happens on the way to a server, and what becomes of a connection's requests."""

from __future__ import annotations

import trio

from scenarios._registry import scenario
from scenarios._stage import Stage
from scenarios._transcript import error_of
from zkwire import ConnectionLost, Outcome, RemoteProtocolError, ServerUnusable


async def opening(stage: Stage, faults) -> object:
    """What comes of opening a connection through the proxies: ``"opened"``, or the error."""
    try:
        async with stage.connect(via=faults, session_timeout=0.5):
            return "opened"
    except OSError:
        return "refused by TCP"
    except (ServerUnusable, ConnectionLost, RemoteProtocolError) as error:
        return error


@scenario()
async def latency_is_felt_and_does_no_harm(stage: Stage) -> object:
    async with stage.faults() as faults, stage.connect(via=faults) as zk:
        async with faults.latency(0.05):
            began = trio.current_time()
            await zk.set(stage.home, b"1")
            assert trio.current_time() - began >= 0.1, "there and back"
        async with faults.latency(0.1, direction="downstream"), trio.open_nursery() as nursery:
            began = trio.current_time()
            for number in range(20):
                nursery.start_soon(zk.create, f"{stage.home}/{number}")
        assert 0.1 <= trio.current_time() - began < 1.0, "all at once, not one after another"
        return sorted(await zk.get_children(stage.home)), await zk.get(stage.home)


@scenario()
async def too_much_latency_is_silence(stage: Stage) -> object:
    async with (
        stage.faults() as faults,
        stage.connect(via=faults, session_timeout=1.0) as zk,
        faults.latency(2.0, direction="upstream"),
    ):
        error = await error_of(zk.set(stage.home, b"1"))
        assert isinstance(zk.failure, TimeoutError)
        assert error.outcome is Outcome.UNKNOWN
        return error


@scenario()
async def bandwidth_slows_down(stage: Stage) -> object:
    data = b"x" * 20_000
    async with stage.faults() as faults, stage.connect(via=faults) as zk:
        async with faults.bandwidth(100_000, direction="upstream"):
            began = trio.current_time()
            await zk.set(stage.home, data)
            assert trio.current_time() - began >= 0.15
        got, stat = await zk.get(stage.home)
        assert got == data
        return stat, zk.is_alive


@scenario()
async def slices_of_a_byte_are_put_together(stage: Stage) -> object:
    home = stage.home
    async with (
        stage.faults() as faults,
        faults.slicer(1),
        stage.connect(via=faults) as zk,
        zk.watch(home, recursive=True) as stream,
    ):
        for number in range(5):
            await zk.create(f"{home}/{number}", b"%d" % number)
        events = [await anext(stream) for _ in range(5)]
        return events, [await zk.get(f"{home}/{number}") for number in range(5)]


@scenario()
async def a_close_may_come_late(stage: Stage) -> object:
    async with stage.faults() as faults, stage.connect(via=faults) as zk:
        async with faults.slow_close(0.3):
            began = trio.current_time()
            await stage.expire(zk.session.credentials.id)
            await zk.wait_lost()
            assert trio.current_time() - began >= 0.3
        assert isinstance(zk.failure, EOFError)
        return await error_of(zk.get(stage.home))


@scenario()
async def what_passes_nothing_on_is_called_silent(stage: Stage) -> object:
    async with stage.faults() as faults, stage.connect(via=faults, session_timeout=1.0) as zk:
        async with faults.timeout():
            received = zk.last_received
            error = await error_of(zk.create(f"{stage.home}/n"))
            assert isinstance(error, ConnectionLost)
            assert error.outcome is Outcome.UNKNOWN
            assert trio.current_time() - received >= 0.4
            late = await error_of(zk.create(f"{stage.home}/m"))
            assert late.outcome is Outcome.NOT_SENT
            unopened = await opening(stage, faults)
            assert isinstance(unopened, ConnectionLost)
        return error, late, unopened, await opening(stage, faults)


@scenario()
async def what_is_held_back_for_a_moment_comes_late(stage: Stage) -> object:
    path = f"{stage.home}/n"
    async with stage.faults() as faults, stage.connect(via=faults) as zk:
        _, watch = await zk.exists_and_watch(path)
        for direction in ("upstream", "downstream"):
            # The nursery ends last: it waits for the replies.
            async with trio.open_nursery() as nursery, faults.timeout(direction=direction):
                nursery.start_soon(zk.create, f"{path}{direction}")
                nursery.start_soon(zk.set, stage.home, b"1")
                await trio.sleep(0.2)
                assert zk.statistics().requests_in_flight >= 2
        await zk.create(path)
        return watch.event, sorted(await zk.get_children(stage.home)), zk.is_alive


@scenario()
async def a_reset_is_felt_at_once(stage: Stage) -> object:
    async with stage.faults() as faults, stage.connect(via=faults) as zk:
        async with faults.reset_peer():
            with trio.fail_after(10):
                await zk.wait_lost()
            error = await error_of(zk.get(stage.home))
            assert error.outcome is Outcome.NOT_SENT
            unopened = await opening(stage, faults)
            assert unopened != "opened"
        again = await opening(stage, faults)
        assert again == "opened"
        async with stage.attach(zk, via=faults) as attached:
            return error, again, await attached.exists(stage.home)


@scenario()
async def nobody_listens_where_it_is_down(stage: Stage) -> object:
    async with stage.faults() as faults, stage.connect(via=faults) as zk:
        async with faults.down():
            with trio.fail_after(10):
                await zk.wait_lost()
            error = await error_of(zk.get(stage.home))
            unopened = await opening(stage, faults)
            assert unopened == "refused by TCP"
        async with stage.attach(zk, via=faults) as again:
            return error, unopened, await again.exists(stage.home)


@scenario()
async def taken_and_closed_is_no_answer(stage: Stage) -> object:
    async with stage.faults() as faults, stage.connect(via=faults) as zk:
        async with faults.accept_then_close():
            unopened = await opening(stage, faults)
            assert isinstance(unopened, ServerUnusable)
            there = await zk.exists(stage.home)
        return unopened, there, await opening(stage, faults)


@scenario()
async def half_of_a_connection_is_none(stage: Stage) -> object:
    async with stage.faults() as faults, stage.connect(via=faults, session_timeout=1.0) as zk:
        async with faults.half_open():
            error = await error_of(zk.set(stage.home, b"1"))
            assert error.outcome is Outcome.UNKNOWN
            assert isinstance(zk.failure, TimeoutError), "nobody has told it"
        data, _ = await _look(stage)
        assert data == b"", "it never got there"
        return error, data


@scenario()
async def one_wrong_bit_costs_the_connection(stage: Stage) -> object:
    async with stage.faults() as faults:
        seen = []
        # The length of a frame, and the number of the request that it answers.
        for offset in (0, 5):
            async with stage.connect(via=faults) as zk:
                async with faults.corrupt(offset, frame=0, mask=0x40) as corrupted:
                    error = await error_of(zk.set(stage.home, b"%d" % offset))
                    assert corrupted.done.is_set()
                assert isinstance(zk.failure, RemoteProtocolError)
                assert error.outcome is Outcome.UNKNOWN
                seen.append(error)
        data, stat = await _look(stage)
        assert data == b"5", "the server has done it both times"
        return seen, data, stat


async def _look(stage: Stage) -> object:
    async with stage.connect() as zk:
        return await zk.get(stage.home)
