"""Nodes that are made with whatever is missing above them."""

import pytest

import zkwire
from coordinator._make_node import make_node
from lock_rig import cuttable, one_server, onlooker
from zkwire import CreateMode, OpCode


async def test_it_makes_what_is_missing_and_leaves_the_rest(autojump_clock):
    async with one_server() as (_, coordinator):
        session = coordinator.session
        await make_node(session, "/a/b/c", CreateMode.CONTAINER)
        await make_node(session, "/a/b/c", CreateMode.CONTAINER)
        await make_node(session, "/a/b/d", CreateMode.CONTAINER)
        assert sorted(await session.get_children("/a/b")) == ["c", "d"]


async def test_parents_that_may_not_be_written_are_left_alone(autojump_clock):
    read_only = [zkwire.Acl(zkwire.Perms.READ, zkwire.Identity("world", "anyone"))]
    async with one_server() as (_, coordinator):
        session = coordinator.session
        await session.create("/locked")
        await session.create("/locked/open")
        await session.set_acl("/locked", read_only)
        await make_node(session, "/locked/open/lock", CreateMode.CONTAINER)
        assert await session.exists("/locked/open/lock") is not None
        with pytest.raises(zkwire.NoAuth):
            await make_node(session, "/locked/other/lock", CreateMode.CONTAINER)


async def test_a_root_that_is_gone_is_no_reason_to_try_for_ever(autojump_clock):
    async with (
        one_server() as (server, coordinator),
        onlooker(server) as other,
    ):
        session = coordinator.session
        await other.delete("/app")
        with pytest.raises(zkwire.NoNode):
            await make_node(session, "/a/b", CreateMode.CONTAINER)


async def test_a_lost_answer_is_asked_for_again(autojump_clock):
    async with cuttable() as (faults, _, coordinator):
        session = coordinator.session
        async with faults.cut_before_reply(OpCode.CREATE_CONTAINER) as cut:
            await make_node(session, "/a/b", CreateMode.CONTAINER)
        assert cut.done.is_set()
        assert await session.get_children("/a") == ["b"]
