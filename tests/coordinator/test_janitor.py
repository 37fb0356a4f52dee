"""What is removed behind those who have left a line."""

import logging

import pytest
import trio

import zkwire
from coordinator._janitor import Janitor
from lock_rig import cuttable, one_server, onlooker
from zkwire import CreateMode, OpCode

GUID = "11111111-2222-3333-4444-555555555555"


@pytest.fixture
async def janitor(nursery):
    janitor = Janitor(nursery)
    yield janitor
    janitor.stop()


async def line_of(coordinator, *prefixes):
    await coordinator.create("/x")
    for prefix in prefixes:
        await coordinator.create(f"/x/{prefix}-lock-", b"", CreateMode.EPHEMERAL_SEQUENTIAL)
    return sorted(await coordinator.get_children("/x"))


async def test_it_removes_what_has_the_guid_and_nothing_else(autojump_clock, janitor):
    async with one_server() as (_, coordinator):
        nodes = await line_of(coordinator, f"_c_{GUID}", "_c_another", f"_c_{GUID}")
        await janitor.remove(coordinator.session, "/x", GUID).wait()
        left = await coordinator.get_children("/x")
        assert left == [node for node in nodes if GUID not in node]


async def test_it_removes_a_node_by_its_name(autojump_clock, janitor):
    async with one_server() as (_, coordinator):
        first, second = await line_of(coordinator, f"_c_{GUID}", f"_c_{GUID}")
        await janitor.remove(coordinator.session, "/x", GUID, first).wait()
        assert await coordinator.get_children("/x") == [second]


@pytest.mark.parametrize("name", [None, f"_c_{GUID}-lock-0000000000"])
async def test_what_is_missing_is_as_good_as_removed(autojump_clock, janitor, name):
    async with one_server() as (_, coordinator):
        with trio.fail_after(5):
            await janitor.remove(coordinator.session, "/x", GUID, name).wait()


@pytest.mark.parametrize("opcode", [OpCode.SYNC, OpCode.GET_CHILDREN, OpCode.DELETE])
async def test_it_goes_on_over_the_next_connection(autojump_clock, janitor, opcode):
    async with cuttable() as (faults, _, coordinator):
        await line_of(coordinator, f"_c_{GUID}", f"_c_{GUID}")
        async with faults.cut_before_reply(opcode) as cut:
            await janitor.remove(coordinator.session, "/x", GUID).wait()
        assert cut.done.is_set()
        assert await coordinator.get_children("/x") == []


async def test_the_end_of_the_session_is_the_end_of_the_job(autojump_clock, janitor):
    async with one_server() as (server, coordinator):
        await line_of(coordinator, f"_c_{GUID}")
        session = coordinator.session
        await server.members[0].freeze()
        gone = janitor.remove(session, "/x", GUID)
        await trio.sleep(1)
        assert not gone.is_set()
        await server.members[0].resume()
        await server.expire(session.id)
        with trio.fail_after(60):
            await gone.wait()


async def test_a_refusal_is_put_on_record(autojump_clock, janitor, caplog):
    acl = [zkwire.Acl(zkwire.Perms.READ, zkwire.Identity("world", "anyone"))]
    async with one_server() as (server, coordinator), onlooker(server) as other:
        await line_of(coordinator, f"_c_{GUID}")
        await other.set_acl("/app/x", acl)
        with caplog.at_level(logging.WARNING, logger="coordinator"), trio.fail_after(5):
            await janitor.remove(coordinator.session, "/x", GUID).wait()
        assert "may be left until their session ends" in caplog.text


async def test_what_comes_after_it_was_stopped_is_the_session_s(autojump_clock, nursery):
    janitor = Janitor(nursery)
    async with one_server() as (_, coordinator):
        janitor.stop()
        assert janitor.remove(coordinator.session, "/x", GUID).is_set()


async def test_it_works_on_when_everything_around_it_is_cancelled(autojump_clock):
    async with one_server() as (_, coordinator):
        await line_of(coordinator, f"_c_{GUID}")
        async with trio.open_nursery() as nursery:
            janitor = Janitor(nursery)
            nursery.cancel_scope.cancel()
            with trio.CancelScope(shield=True):
                await trio.sleep(1)
                await janitor.remove(coordinator.session, "/x", GUID).wait()
                assert await coordinator.get_children("/x") == []
            janitor.stop()


async def test_stopped_it_ends_within_its_grace_whatever_the_servers_do(autojump_clock):
    async with one_server() as (server, coordinator):
        await line_of(coordinator, f"_c_{GUID}")
        async with trio.open_nursery() as nursery:
            janitor = Janitor(nursery)
            await server.members[0].freeze()
            gone = janitor.remove(coordinator.session, "/x", GUID)
            await trio.sleep(0.1)
            began = trio.current_time()
            janitor.stop()
        assert trio.current_time() - began <= 1
        assert gone.is_set()
        await server.members[0].resume()
