"""One timer for all connections of an event loop."""

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

import zkwire
from zkwire import open_connection
from zkwire._proto._protocol import ZkProtocol
from zkwire._trio._ticker import Ticker, ticker
from zkwire.testing import open_memory_zookeeper

T = 6.0


class Member:
    """Is to be asked at these times, and notes when it was."""

    def __init__(self, *times):
        self.times = list(times)
        self.asked = []

    def look_at_the_clock(self):
        self.asked.append(trio.current_time())
        return self.times.pop(0) if self.times else trio.current_time() + 1000.0


async def test_each_is_asked_when_it_is_its_time(autojump_clock, nursery):
    subject = Ticker()
    began = trio.current_time()
    often, seldom = Member(began + 2, began + 3), Member(began + 7)
    subject.join(often, nursery, began + 1)
    subject.join(seldom, nursery, began + 5)
    await trio.sleep(10)
    assert often.asked == [began + 1, began + 2, began + 3]
    assert seldom.asked == [began + 5, began + 7]
    nursery.cancel_scope.cancel()
    subject.leave(often)
    subject.leave(seldom)


async def test_all_that_are_due_are_asked_in_one_turn(autojump_clock, nursery):
    subject = Ticker()
    at = trio.current_time() + 1
    members = [Member() for _ in range(100)]
    for member in members:
        subject.join(member, nursery, at)
    assert len(nursery.child_tasks) == 1
    await trio.sleep(1.5)
    assert all(member.asked == [at] for member in members)
    for member in members:
        subject.leave(member)


async def test_an_earlier_time_takes_the_place_of_a_later_one(autojump_clock, nursery):
    subject, member = Ticker(), Member()
    began = trio.current_time()
    subject.join(member, nursery, began + 100)
    await wait_all_tasks_blocked()
    subject.set(member, began + 1)
    await trio.sleep(200)
    assert member.asked == [began + 1]
    subject.leave(member)


async def test_who_has_left_is_not_asked(autojump_clock, nursery):
    subject, stays, leaves = Ticker(), Member(), Member()
    at = trio.current_time() + 1
    subject.join(stays, nursery, at)
    subject.join(leaves, nursery, at)
    await wait_all_tasks_blocked()
    subject.leave(leaves)
    await trio.sleep(2)
    assert (stays.asked, leaves.asked) == ([at], [])
    subject.leave(stays)
    await wait_all_tasks_blocked()
    assert not nursery.child_tasks


async def test_it_moves_on_when_its_host_leaves(autojump_clock):
    subject, stays = Ticker(), Member()
    began = trio.current_time()
    async with trio.open_nursery() as outer:
        async with trio.open_nursery() as inner:
            subject.join(host := Member(), inner, began + 50)
            subject.join(stays, outer, began + 5)
            await wait_all_tasks_blocked()
            inner.cancel_scope.cancel()  # which it is shielded from, until its host leaves
            subject.leave(host)
        assert len(outer.child_tasks) == 1
        await trio.sleep(10)
        assert stays.asked == [began + 5]
        subject.leave(stays)


async def test_an_event_loop_has_one():
    assert ticker() is ticker()


async def test_connections_that_close_leave_the_others_their_pings(autojump_clock, nursery):
    async with open_memory_zookeeper() as server:
        [address] = server.servers
        host, _, port = address.rpartition(":")
        options = {"dial": server.dial, "session_timeout": T}
        async with open_connection(host, int(port), **options) as last:
            for _ in range(3):
                async with open_connection(host, int(port), **options):
                    await trio.sleep(T)
            await trio.sleep(10 * T)
            assert last.is_alive
            assert last.statistics().pings_answered >= 70


async def test_a_defect_in_a_timer_is_the_end_of_its_own_connection(autojump_clock, monkeypatch):
    async with open_memory_zookeeper() as server:
        [address] = server.servers
        host, _, port = address.rpartition(":")
        options = {"dial": server.dial, "session_timeout": T}
        original, broken = ZkProtocol.handle_timer, []

        def handle_timer(protocol, now):
            if protocol in broken:
                raise RuntimeError("a defect")
            return original(protocol, now)

        monkeypatch.setattr(ZkProtocol, "handle_timer", handle_timer)
        async with open_connection(host, int(port), **options) as sound:

            async def break_down():
                async with open_connection(host, int(port), **options) as zk:
                    broken.append(zk._protocol)
                    await trio.sleep(2 * T)

            with pytest.raises(zkwire.InternalError, match="a defect"):
                await break_down()
            await trio.sleep(2 * T)
            assert sound.is_alive
