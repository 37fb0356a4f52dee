"""Several kinds of watch on one path: what goes out with what, and when a stream has a gap."""

from __future__ import annotations

import pytest
import trio
import trio.testing

import zkwire
from scripted_server import DATA, connected
from server_frames import STAT, notification, reply
from zkwire import EventType, WatcherType, WatchGap
from zkwire._jute import records

GET, CHILDREN2, ADD, REMOVE, CHECK, SET2 = 4, 12, 106, 18, 17, 105
CREATED, DELETED, CHANGED, CHILDREN = 1, 2, 3, 4
OLD, NEW, NEW_TOO = -5, 0, -121
BODIES = {
    GET: DATA,
    CHILDREN2: records.GET_CHILDREN2_RESPONSE.build([], STAT),
    ADD: b"\0\0\0\0",
}
PROBE = records.CHECK_WATCHES_REQUEST.build("/a", WatcherType.PERSISTENT)


class Rig:
    """A client that follows ``/a``, and the server's side of what it does besides."""

    def __init__(self, zk, peer, stream, nursery):
        self.zk, self.peer, self.stream, self.nursery = zk, peer, stream, nursery
        self.watches = []

    async def read(self, method="get_and_watch"):
        self.watches.append((await getattr(self.zk, method)("/a"))[-1])

    async def asked(self, *opcodes):
        sent = await self.peer.requests(len(opcodes))
        assert [each.opcode for each in sent] == list(opcodes)
        return sent

    async def answer(self, sent, zxid=5, err=0, *events):
        """An answer, and events in front of it."""
        body = b"" if err else BODIES.get(sent.opcode, b"")
        await self.peer.send(*events, reply(sent.xid, zxid, err, body))
        await trio.testing.wait_all_tasks_blocked()

    async def beside(self, method="get_and_watch", err=OLD, opcode=GET):
        """A read with a watch, and how the server answers the probe; the read and the repeat."""
        self.nursery.start_soon(self.read, method)
        again = [] if err != OLD and self.zk.watches.keeps_kinds_apart else [ADD]
        probe, *rest = await self.asked(CHECK, opcode, *again)
        assert probe.body == PROBE
        await self.answer(probe, 1, err)
        return rest

    def items(self):
        found = list(self.stream._items)
        self.stream._items.clear()
        return [item[:2] if isinstance(item, tuple) else item for item in found]


@pytest.fixture(params=[False, True], ids=["plain", "recursive"])
async def rig(request):
    async with connected() as (zk, peer), trio.open_nursery() as nursery:
        ready = trio.Event()

        async def follow():
            async with zk.watch("/a", recursive=request.param) as stream:
                rigs.append(Rig(zk, peer, stream, nursery))
                rigs[0].recursive = request.param
                ready.set()
                await trio.sleep_forever()

        rigs = []
        nursery.start_soon(follow)
        (sent,) = await peer.requests(1)
        await peer.send(reply(sent.xid, 1, body=BODIES[ADD]))
        await ready.wait()
        yield rigs[0]
        nursery.cancel_scope.cancel()


async def test_the_streams_request_goes_out_again_behind_the_read(rig, autojump_clock):
    read, again = await rig.beside()
    assert records.ADD_WATCH_REQUEST.parse(again.body) == ("/a", int(rig.recursive))
    assert again.xid == read.xid + 1
    await rig.answer(read)
    await rig.answer(again)
    assert rig.items() == []
    assert len(rig.watches) == 1
    rig.nursery.start_soon(rig.read)
    await rig.asked(GET, ADD)  # and no second probe


async def test_without_a_transaction_in_between_there_is_no_gap(rig, autojump_clock):
    read, again = await rig.beside()
    await rig.answer(read, 5)
    await rig.answer(again, 5)
    assert rig.items() == []


async def test_a_transaction_in_between_may_have_been_below_a_recursive_one(rig, autojump_clock):
    read, again = await rig.beside()
    await rig.answer(read, 5)
    await rig.answer(again, 6)
    assert rig.items() == ([WatchGap("rearmed")] if rig.recursive else [])


async def test_behind_an_event_in_between_another_may_be_missing(rig, autojump_clock):
    read, again = await rig.beside()
    await rig.answer(read, 5)
    await rig.answer(again, 7, 0, notification(CHANGED, "/a"))
    assert rig.items() == [(EventType.NODE_DATA_CHANGED, "/a"), WatchGap("rearmed")]
    assert rig.watches[0].event is not None


async def test_an_event_before_the_read_is_no_reason_for_a_gap(rig, autojump_clock):
    read, again = await rig.beside()
    await rig.answer(read, 5, 0, notification(CHANGED, "/a"))
    await rig.answer(again, 5)
    assert rig.items() == [(EventType.NODE_DATA_CHANGED, "/a")]
    assert rig.watches[0].event is None, "it was set behind that"


async def test_a_refused_read_disturbs_nothing(rig, autojump_clock):
    async def refused():
        with pytest.raises(zkwire.NoNode):
            await rig.zk.get_and_watch("/a")

    rig.nursery.start_soon(refused)
    probe, read, again = await rig.asked(CHECK, GET, ADD)
    await rig.answer(probe, 1, OLD)
    await rig.answer(read, 5, -101)
    await rig.answer(again, 9, 0, notification(CREATED, "/a"))
    assert rig.items() == [(EventType.NODE_CREATED, "/a")]


@pytest.mark.parametrize("err", [NEW, NEW_TOO])
async def test_a_server_that_knows_the_word_needs_none_of_this(err, rig, autojump_clock):
    read, again = await rig.beside(err=err)
    await rig.answer(read, 5)
    await rig.answer(again, 9)
    assert rig.items() == []
    rig.nursery.start_soon(rig.read)
    await rig.asked(GET)
    await nothing_more(rig)


async def test_an_event_with_a_zxid_tells_as_much(rig, autojump_clock):
    await rig.peer.send(notification(CHANGED, "/a", 9))
    await trio.testing.wait_all_tasks_blocked()
    rig.nursery.start_soon(rig.read)
    await rig.asked(GET)
    await nothing_more(rig)


async def test_a_list_of_children_disturbs_a_plain_one_alone(rig, autojump_clock):
    rig.nursery.start_soon(rig.read, "get_children_and_watch")
    probe, read, *again = await rig.asked(CHECK, CHILDREN2, *([] if rig.recursive else [ADD]))
    await rig.answer(probe, 1, OLD)
    await rig.answer(read, 5)
    for each in again:
        await rig.answer(each, 7, 0, notification(CHILDREN, "/a"))
    gap = [(EventType.NODE_CHILDREN_CHANGED, "/a"), WatchGap("rearmed")]
    assert rig.items() == ([] if rig.recursive else gap)
    await nothing_more(rig)


async def test_a_child_that_comes_fires_the_watch_that_a_recursive_one_replaced(
    rig, autojump_clock
):
    """On an old server the frame for the list does not come; where it does, it says nothing new."""
    rig.nursery.start_soon(rig.read, "get_children_and_watch")
    probe, read, *again = await rig.asked(CHECK, CHILDREN2, *([] if rig.recursive else [ADD]))
    for sent, err in ((probe, OLD), (read, 0), *((each, 0) for each in again)):
        await rig.answer(sent, 5, err)
    frames = [notification(CREATED, "/a/b")] if rig.recursive else []
    await rig.peer.send(*frames, notification(CHILDREN, "/a"))
    await trio.testing.wait_all_tasks_blocked()
    assert rig.watches[0].event[:2] == (EventType.NODE_CHILDREN_CHANGED, "/a")
    created, children = EventType.NODE_CREATED, EventType.NODE_CHILDREN_CHANGED
    assert rig.items() == ([(created, "/a/b")] if rig.recursive else [(children, "/a")])


async def test_a_request_that_is_refused_again_costs_the_connection(rig, autojump_clock):
    """Without the stream's watch it would go on without a word of what it misses."""
    read, again = await rig.beside()
    await rig.answer(read)
    await rig.answer(again, 5, -127)
    await rig.zk.wait_lost()
    assert isinstance(rig.zk.failure, zkwire.Throttled)


# --- taking one-shot watches off --------------------------------------------------------------


async def test_beside_a_stream_an_old_server_is_not_asked_to_take_a_one_shot_watch_off(
    rig, autojump_clock
):
    read, again = await rig.beside()
    await rig.answer(read)
    await rig.answer(again)
    rig.watches[0].remove()
    await nothing_more(rig)
    await rig.peer.send(notification(CHANGED, "/a"))
    await trio.testing.wait_all_tasks_blocked()
    assert rig.items() == [(EventType.NODE_DATA_CHANGED, "/a")]
    assert rig.watches[0].event is None


async def test_a_newer_one_is(rig, autojump_clock):
    read, again = await rig.beside(err=NEW)
    await rig.answer(read)
    await rig.answer(again)
    rig.watches[0].remove()
    (sent,) = await rig.asked(REMOVE)
    assert records.REMOVE_WATCHES_REQUEST.parse(sent.body) == ("/a", WatcherType.DATA)


async def nothing_more(rig) -> None:
    """The next that is sent is a read of ours: nothing came before it."""
    rig.nursery.start_soon(rig.zk.exists, "/probe")
    sent = await rig.peer.request()
    assert b"/probe" in sent.body


async def read_answered(zk, peer, nursery, got, scope=None):
    async def read():
        with scope or trio.CancelScope():
            got.append((await zk.get_and_watch("/a"))[-1])

    nursery.start_soon(read)
    (sent,) = await peer.requests(1)
    return sent


async def test_the_watch_of_a_cancelled_read_is_taken_off_when_its_reply_has_come(autojump_clock):
    async with connected() as (zk, peer), trio.open_nursery() as nursery:
        scope = trio.CancelScope()
        sent = await read_answered(zk, peer, nursery, [], scope)
        scope.cancel()
        await trio.testing.wait_all_tasks_blocked()
        assert zk.statistics().requests_in_flight == 1, "nothing to take off yet"
        await peer.send(reply(sent.xid, 1, body=DATA))
        removal = await peer.request()
        assert removal.opcode == REMOVE
        await peer.send(reply(removal.xid, 1, -121))
        await trio.testing.wait_all_tasks_blocked()
        assert zk.is_alive, "it may have fired meanwhile"


@pytest.mark.parametrize("refused", [False, True])
async def test_a_removal_waits_for_a_read_of_the_same_path(refused, autojump_clock):
    """In front of the reply it would take the watch that the read has set."""
    async with connected() as (zk, peer), trio.open_nursery() as nursery:
        got, cancelled = [], trio.CancelScope()
        first = await read_answered(zk, peer, nursery, got)
        await peer.send(reply(first.xid, 1, body=DATA))
        await trio.testing.wait_all_tasks_blocked()
        second = await read_answered(zk, peer, nursery, got, cancelled)
        got[0].remove()
        await trio.testing.wait_all_tasks_blocked()
        assert zk.statistics().requests_in_flight == 1
        if refused:
            cancelled.cancel()
            removal = await peer.request()
            assert removal.opcode == REMOVE
            assert zk.statistics().watches == 0
        else:
            await peer.send(reply(second.xid, 1, body=DATA), notification(CHANGED, "/a"))
            await trio.testing.wait_all_tasks_blocked()
            assert got[1].event is not None
            assert zk.statistics().requests_in_flight == 0
