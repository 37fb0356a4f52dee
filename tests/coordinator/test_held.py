"""What a holder has in hand."""

import pytest
import trio
import trio.lowlevel

import zkwire
from coordinator import LeaseLost
from lock_rig import cuttable, one_server
from zkwire import Create, OpCode, Outcome, SetData


async def test_it_says_what_it_is(autojump_clock):
    async with one_server() as (_, coordinator):
        async with coordinator.lock("x") as held:
            assert held.session is coordinator.session
            assert held.valid()
            assert 0 < held.remaining() < 10
            assert repr(held).startswith(f"<Held {held.path}, token {held.fencing_token:#x}: ")
            held.check()
            async with held.scope() as scope:
                pass
            assert not scope.cancelled_caught
        assert "given back" in repr(held)


async def test_a_scope_in_another_task_ends_with_the_lock(autojump_clock, nursery):
    async with one_server(2) as (_, coordinator, other):
        over = []

        async def work(held):
            async with held.scope() as scope:
                await trio.sleep_forever()
            over.append(scope.cancelled_caught)

        with pytest.raises(LeaseLost):  # noqa: PT012  # the block is what raises
            async with coordinator.lock("x") as held:
                nursery.start_soon(work, held)
                await other.delete(held.path)
                await held.lost.wait()
        await trio.lowlevel.checkpoint()
        assert over == [True]
        with pytest.raises(LeaseLost):
            async with held.scope():
                pytest.fail("let in")


# --- guarded writes ------------------------------------------------------------------------------


async def test_a_guarded_write_is_applied_while_the_lock_is_held(autojump_clock):
    async with one_server() as (_, coordinator), coordinator.lock("x") as held:
        [created, stat] = await held.multi([Create("/y", b"1"), SetData("/y", b"2")])
        assert created.path == "/y"
        assert stat.version == 1
        assert await held.multi([]) == []


async def test_what_fails_in_it_is_named_as_the_caller_counts(autojump_clock):
    async with one_server() as (_, coordinator), coordinator.lock("x") as held:
        with pytest.raises(zkwire.NoNode) as caught:
            await held.multi([Create("/y", b""), SetData("/missing", b"")])
        assert caught.value.index == 1
        assert len(caught.value.results) == 2
        assert await coordinator.exists("/y") is None
        assert held.valid()


async def test_where_the_node_is_gone_nothing_is_applied_and_the_lock_is_over(autojump_clock):
    async with one_server(2) as (_, coordinator, other):
        with pytest.raises(LeaseLost) as caught:  # noqa: PT012  # the block is what raises
            async with coordinator.lock("x") as held:
                await other.delete(held.path)
                assert held.valid(), "it cannot know yet"
                await held.multi([Create("/y", b"")])
        assert caught.value.outcome is Outcome.REFUSED
        assert held.lost.is_set()
        assert not held.valid()
        assert await coordinator.exists("/y") is None


async def test_after_the_lock_nothing_is_sent(autojump_clock):
    async with one_server() as (_, coordinator):
        async with coordinator.lock("x") as held:
            pass
        with pytest.raises(LeaseLost) as caught:
            await held.multi([Create("/y", b"")])
        assert caught.value.outcome is Outcome.NOT_SENT
        assert await coordinator.exists("/y") is None


async def test_where_the_session_is_gone_nothing_is_applied(autojump_clock):
    async with one_server() as (server, coordinator):
        with pytest.raises(LeaseLost):  # noqa: PT012  # the block is what raises
            async with coordinator.lock("x") as held:
                await server.expire(held.session.id)
                with trio.CancelScope(shield=True):
                    await held.lost.wait()
                    await held.multi([Create("/y", b"")])
        assert await coordinator.exists("/y") is None


async def test_a_check_that_is_refused_for_another_reason_is_not_called_a_loss(autojump_clock):
    write = zkwire.Perms.ALL & ~zkwire.Perms.READ
    acl = [zkwire.Acl(write, zkwire.Identity("world", "anyone"))]
    async with one_server() as (_, coordinator), coordinator.lock("x") as held:
        await coordinator.set_acl(held.path, acl)
        with pytest.raises(zkwire.NoAuth) as caught:
            await held.multi([Create("/y", b"")])
        assert caught.value.index is None
        assert held.valid()


async def test_an_unknown_outcome_stays_one(autojump_clock):
    async with cuttable() as (faults, _, coordinator), coordinator.lock("x") as held:
        async with faults.cut_before_reply(OpCode.MULTI):
            with pytest.raises(zkwire.ConnectionLost) as caught:
                await held.multi([Create("/y", b"")])
        assert caught.value.outcome is Outcome.UNKNOWN
        assert await coordinator.exists("/y") is not None
        assert held.valid()
