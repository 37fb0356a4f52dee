"""The line for a lock: who stands in it, who counts, and who must not be left behind."""

from __future__ import annotations

import pytest
import trio

from coordinator._queue_nodes import in_line
from regression_steps import coordinate, hold_until_lost, look_into
from zkwire import CreateMode, OpCode
from zkwire.testing import open_faults, open_memory_zookeeper

EPHEMERAL_SEQUENTIAL = CreateMode.EPHEMERAL_SEQUENTIAL
LONGEST_DELAY = 5.0
"""Seconds between two attempts to connect, at most."""


@pytest.fixture
async def ensemble():
    async with open_memory_zookeeper() as ensemble:
        yield ensemble


# --- nobody is left in line ----------------------------------------------------------------------


@pytest.mark.parametrize("lost", ["before it is sent", "on its way"])
async def test_a_release_that_is_cut_off_leaves_no_orphan(autojump_clock, ensemble, lost):
    async with (
        open_faults(ensemble) as faults,
        coordinate(faults, session_timeout=40.0) as one,
        coordinate(ensemble) as two,
    ):
        await one.wait_connected()
        session = one.session
        async with one.contend("/l") as contender:
            held = await contender.acquire()
            if lost == "before it is sent":
                async with faults.down():
                    await contender.release()
            else:
                async with faults.timeout(direction="upstream"):
                    await contender.release()
                    async with faults.reset_peer():
                        pass
            assert await two.exists(held.path) is not None
            with trio.fail_after(LONGEST_DELAY + 1):
                async with two.lock("/l") as after:
                    assert after.fencing_token > held.fencing_token
        assert one.session is session
        assert not session.is_lost


@pytest.mark.parametrize("opcode", [OpCode.CREATE, OpCode.CREATE2, OpCode.DELETE, None])
async def test_a_lost_answer_leaves_no_orphan(autojump_clock, ensemble, opcode):
    async with (
        open_faults(ensemble) as faults,
        coordinate(faults, session_timeout=40.0) as one,
        coordinate(ensemble) as two,
    ):
        await one.create("/l")
        async with faults.cut_before_reply(opcode), trio.open_nursery() as nursery:
            await nursery.start(hold_until_lost, one, "/l")
            nursery.cancel_scope.cancel()
        await one.wait_connected()
        with trio.fail_after(10):
            async with two.lock("/l"):
                pass
        assert await two.get_children("/l") == []
        assert not one.session.is_lost


async def test_a_wait_that_is_cancelled_before_its_node_is_known_leaves_no_orphan(
    autojump_clock, ensemble
):
    async with (
        open_faults(ensemble) as faults,
        coordinate(faults, session_timeout=40.0) as one,
        coordinate(ensemble) as two,
    ):
        await one.create("/l")
        async with faults.timeout(direction="downstream"):
            with trio.move_on_after(2):
                async with one.lock("/l"):
                    pytest.fail("no answer could come")
            assert len(await two.get_children("/l")) == 1
        with trio.fail_after(10):
            async with two.lock("/l"):
                pass
        assert await two.get_children("/l") == []


# --- who counts ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["2f1c__rlock__", "2f1c__lock__", "_c_3-__READ__", "_c_3-__WRIT__", "_c_3-lock-", "latch-"],
)
async def test_whoever_stands_before_is_waited_for_readers_too(autojump_clock, ensemble, name):
    async with coordinate(ensemble) as coord, look_into(ensemble) as other:
        await other.create("/l")
        path = await other.create(f"/l/{name}", mode=EPHEMERAL_SEQUENTIAL)
        with trio.move_on_after(30):
            async with coord.lock("/l"):
                pytest.fail("it stands before us")
        await other.delete(path)
        with trio.fail_after(5):
            async with coord.lock("/l") as held:
                assert held.valid()


@pytest.mark.parametrize("name", ["config", "x-lock-0000000000.old", "0000000000-lock-", "a|lock-"])
async def test_who_does_not_stand_in_line_is_not_waited_for(autojump_clock, ensemble, name):
    async with coordinate(ensemble) as coord, look_into(ensemble) as other:
        await other.create("/l")
        await other.create(f"/l/{name}")
        with trio.fail_after(5):
            async with coord.lock("/l") as held:
                assert held.valid()


async def test_a_path_is_a_path_and_no_pattern(autojump_clock, ensemble):
    async with coordinate(ensemble) as coord:
        for path in ("/a+b(c)[d].*", "/$", "/-lock-"):
            with trio.fail_after(5):
                async with coord.lock(path) as held:
                    assert held.path.startswith(f"{path}/_c_")
                    assert held.valid()


def test_places_are_numbers_and_not_text():
    names = ["a-lock--000000002", "b-lock--000000010", "c-lock--000000001"]
    assert [node.sequence for node in in_line(names)] == [-10, -2, -1]
    # One counter orders them all, whatever stands before the number.
    names = ["_c_9-lock-0000000010", "z__lock__0000000009", "_c_0-__READ__0000000011"]
    assert [node.sequence for node in in_line(names)] == [9, 10, 11]
    # Behind its largest number the counter goes on with the smallest.
    names = ["a-lock--2147483648", "b-lock-2147483647"]
    assert [node.name for node in in_line(names)] == ["b-lock-2147483647", "a-lock--2147483648"]


async def test_a_node_of_an_older_session_is_not_taken_for_ones_own(autojump_clock, ensemble):
    # The same application, the same name, started again while its old session still lives.
    async with (
        open_faults(ensemble) as faults,
        coordinate(faults, session_timeout=40.0) as before,
        coordinate(ensemble) as after,
        trio.open_nursery() as nursery,
    ):
        held = await nursery.start(lambda **kw: hold_until_lost(before, "/l", **kw))
        async with faults.down():
            with trio.move_on_after(10):
                async with after.lock("/l"):
                    pytest.fail("the older session's node stands before it")
            await ensemble.expire(held.session.id)
            with trio.fail_after(5):
                async with after.lock("/l") as own:
                    assert own.session is after.session
        with trio.fail_after(10):
            await held.lost.wait()
