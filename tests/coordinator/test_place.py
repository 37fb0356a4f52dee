"""One place in a line: it is entered once, whatever becomes of the answers."""

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

import zkwire
from coordinator._janitor import Janitor
from coordinator._place import Line, Place
from lock_rig import cuttable, one_server, onlooker, waits_in_line
from zkwire import CreateMode, OpCode

LINE = Line("/x", b"me", zkwire.OPEN_ACL_UNSAFE)


@pytest.fixture
async def janitor(nursery):
    janitor = Janitor(nursery)
    yield janitor
    janitor.stop()


async def test_the_first_in_line_has_its_turn_at_once(autojump_clock, janitor):
    async with one_server() as (_, coordinator):
        place = Place(coordinator.session, janitor, LINE)
        own = await place.wait_for_turn()
        assert await coordinator.get_children("/x") == [own.removeprefix("/x/")]
        assert place.answered is not None
        await place.leave()
        assert await coordinator.get_children("/x") == []


async def test_the_answer_to_the_create_is_lost_and_there_is_one_node(autojump_clock, janitor):
    async with cuttable() as (faults, _, coordinator):
        await coordinator.create("/x")
        place = Place(coordinator.session, janitor, LINE)
        async with faults.cut_before_reply(OpCode.CREATE) as cut:
            own = await place.wait_for_turn()
        assert cut.done.is_set()
        assert cut.err == 0
        assert await coordinator.get_children("/x") == [own.removeprefix("/x/")]
        assert place.answered is None
        await place.leave()
        assert await coordinator.get_children("/x") == []


@pytest.mark.parametrize("opcode", [OpCode.SYNC, OpCode.GET_CHILDREN])
async def test_it_is_cut_again_while_it_looks_for_its_own(autojump_clock, janitor, opcode):
    async with cuttable() as (faults, _, coordinator):
        await coordinator.create("/x")
        place = Place(coordinator.session, janitor, LINE)
        async with (
            faults.cut_before_reply(OpCode.CREATE) as cut,
            faults.cut_before_reply(opcode) as again,
        ):
            own = await place.wait_for_turn()
        assert cut.done.is_set()
        assert again.done.is_set()
        assert await coordinator.get_children("/x") == [own.removeprefix("/x/")]


async def test_a_create_that_did_not_come_through_is_made_again(autojump_clock, janitor, nursery):
    async with cuttable() as (faults, _, coordinator):
        await coordinator.create("/x")
        place = Place(coordinator.session, janitor, LINE)
        got = []

        async def stand():
            got.append(await place.wait_for_turn())

        async with faults.timeout(direction="upstream"):
            nursery.start_soon(stand)
            await trio.sleep(0.5)
            async with faults.reset_peer():
                pass
        await trio.sleep(10)
        assert len(await coordinator.get_children("/x")) == len(got) == 1


async def test_doubles_of_its_own_are_removed(autojump_clock, janitor):
    async with cuttable() as (faults, server, coordinator), onlooker(server) as other:
        await coordinator.create("/x")
        place = Place(coordinator.session, janitor, LINE)
        double = f"/app/x/_c_{place._guid}-lock-"
        for _ in range(2):
            await other.create(double, b"", CreateMode.EPHEMERAL_SEQUENTIAL)
        async with faults.cut_before_reply(OpCode.CREATE):
            own = await place.wait_for_turn()
        assert await coordinator.get_children("/x") == [own.removeprefix("/x/")]
        assert own.endswith("0000000000"), "the first of them has the best place"


async def test_who_is_removed_from_the_line_enters_it_again(autojump_clock, janitor, nursery):
    async with one_server(2) as (_, first, second):
        before = await first.create("/before", b"")
        assert before
        holder = Place(first.session, janitor, LINE)
        held = await holder.wait_for_turn()
        place = Place(second.session, janitor, LINE)
        got = []

        async def stand():
            got.append(await place.wait_for_turn())

        nursery.start_soon(stand)
        await waits_in_line(lambda: first.get_children("/x"), 2)
        [other] = [each for each in await first.get_children("/x") if f"/x/{each}" != held]
        await first.delete(f"/x/{other}")
        await holder.leave()
        await trio.sleep(1)
        assert await first.get_children("/x") == [got[0].removeprefix("/x/")]
        assert got[0] != f"/x/{other}"


async def test_the_parent_is_made_and_made_again(autojump_clock, janitor):
    async with one_server() as (_, coordinator):
        line = LINE._replace(parent="/a/b/c")
        for _ in range(2):
            place = Place(coordinator.session, janitor, line)
            await place.wait_for_turn()
            await place.leave()
            await coordinator.delete("/a/b/c")


async def test_with_its_session_the_place_is_gone(autojump_clock, janitor, nursery):
    async with one_server(2) as (server, first, second):
        holder = Place(first.session, janitor, LINE)
        await holder.wait_for_turn()
        place = Place(second.session, janitor, LINE)
        ended = []

        async def stand():
            try:
                await place.wait_for_turn()
            except zkwire.SessionExpired as error:
                ended.append(error)

        nursery.start_soon(stand)
        await waits_in_line(lambda: first.get_children("/x"), 2)
        await server.expire(second.session.id)
        await trio.sleep(5)
        assert len(ended) == 1
        await place.leave()


async def test_leaving_without_a_server_takes_a_second_and_is_done_later(autojump_clock, janitor):
    async with cuttable(timeout=40.0) as (faults, _, coordinator):
        place = Place(coordinator.session, janitor, LINE)
        await place.wait_for_turn()
        async with faults.down():
            began = trio.current_time()
            await place.leave()
            assert trio.current_time() - began == 1
        await coordinator.wait_connected()
        await waits_in_line(lambda: coordinator.get_children("/x"), 0)


async def test_leaving_is_not_cancelled(autojump_clock, janitor):
    async with one_server() as (_, coordinator):
        place = Place(coordinator.session, janitor, LINE)
        await place.wait_for_turn()
        with trio.CancelScope() as scope:
            scope.cancel()
            await place.leave()
        assert await coordinator.get_children("/x") == []


async def test_a_lone_node_is_removed_by_name_in_one_request(autojump_clock, janitor):
    # The list of a long line is some megabytes, and nobody needs it to go.
    async with cuttable() as (faults, _, coordinator):
        place = Place(coordinator.session, janitor, LINE)
        await place.wait_for_turn()
        async with faults.cut_before_reply(OpCode.SYNC) as cut:
            await place.leave()
            await wait_all_tasks_blocked()
        assert not cut.done.is_set()
        assert await coordinator.get_children("/x") == []
