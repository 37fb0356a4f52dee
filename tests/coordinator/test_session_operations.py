import pytest
import trio
from trio.testing import assert_no_checkpoints, wait_all_tasks_blocked

import zkwire
from coordinator import Session, open_coordinator
from server_frames import PASSWORD, SESSION_ID, framed, notification, reply
from unruly_servers import serving
from zkwire import Outcome


def granted(timeout=6.0):
    credentials = zkwire.SessionCredentials(id=SESSION_ID, password=PASSWORD)
    return zkwire.SessionInfo(credentials=credentials, negotiated_timeout=timeout, read_only=False)


def session(timeout=6.0, watches=None):
    return Session(granted(timeout), "/burrow", watches or zkwire.SessionWatches())


def opened(server, subject=None):
    watches = None if subject is None else subject.watches
    return zkwire.open_connection(server.host, server.port, session_timeout=1.0, watches=watches)


# --- operations ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("end", "error"),
    [(Session.expire, zkwire.SessionExpired), (Session.close, zkwire.ConnectionClosed)],
)
async def test_operations_wait_for_a_connection_and_fail_for_ever_when_it_is_over(
    nursery, end, error
):
    subject, errors = session(), []

    async def write():
        with pytest.raises(error) as caught:
            await subject.create("/x")
        errors.append(caught.value)

    nursery.start_soon(write)
    nursery.start_soon(write)
    await wait_all_tasks_blocked()
    assert errors == []
    subject.give_up()  # not the end of it
    await wait_all_tasks_blocked()
    assert errors == []
    end(subject)
    await wait_all_tasks_blocked()
    await write()
    assert [each.outcome for each in errors] == [Outcome.NOT_SENT] * 3
    assert len(set(map(id, errors))) == 3


async def test_expiry_stays_expiry_when_the_coordinator_is_left_afterwards():
    subject = session()
    subject.expire()
    subject.close()
    with pytest.raises(zkwire.SessionExpired):
        await subject.get("/x")


async def test_a_cancelled_operation_that_waits_has_no_effect(autojump_clock):
    subject = session()
    with trio.move_on_after(1) as scope:
        await subject.create("/x")
    assert scope.cancelled_caught


BAD_PATHS = [
    ("x", "must start with '/'"),
    ("", "must"),
    ("/x/", "must not end with '/'"),
    ("/a//b", "must not"),
    ("/a/../b", "must not"),
    ("/a\x00", "must not"),
    (b"/x", "str"),
    (None, "str"),
]


@pytest.mark.parametrize(("path", "rule"), BAD_PATHS)
async def test_a_bad_path_is_refused_without_a_connection(path, rule):
    subject = session()
    for call in (subject.get, subject.create, subject.delete, subject.get_children_and_watch):
        with pytest.raises((zkwire.InvalidArgument, zkwire.InvalidArgumentType), match=rule):
            await call(path)


async def test_a_write_whose_fate_is_unknown_is_raised_and_never_sent_again(nursery):
    requests = []

    async def handle(peer, _number):
        await peer.accept()
        requests.append((await peer.request()).opcode)

    subject = session()
    async with serving(handle) as server:
        async with opened(server) as connection:
            subject.attach(connection)
            with pytest.raises(zkwire.ConnectionLost) as caught:
                await subject.create("/x")
            assert caught.value.outcome is Outcome.UNKNOWN
            subject.detach(connection)
        async with opened(server) as connection:
            subject.attach(connection)
            with pytest.raises(zkwire.ConnectionLost):
                await subject.set("/y", b"")
    assert requests == [zkwire.OpCode.CREATE, zkwire.OpCode.SET_DATA]


async def test_a_read_is_sent_again_over_the_next_connection(nursery):
    async def handle(peer, number):
        await peer.accept()
        xid = (await peer.request()).xid
        if number == 2:
            await peer.send(reply(xid, err=-101))
            await peer.swallow()

    subject, answers = session(), []

    async def read():
        answers.append(await subject.exists("/x"))

    async with serving(handle) as server:
        async with opened(server) as connection:
            subject.attach(connection)
            nursery.start_soon(read)
            await connection.wait_lost()
            subject.detach(connection)
        await wait_all_tasks_blocked()
        assert answers == []
        async with opened(server) as connection:
            subject.attach(connection)
            while not answers:
                await trio.lowlevel.checkpoint()
            connection.detach()
    assert answers == [None]


async def test_a_session_never_uses_a_request_number_twice():
    """Members match a committed write with a waiting request by session and number.

    Restarting at 1 cost the new connection in 27 of 60 rounds on a real 3.9.5, with a
    write of the old one still under way.
    """
    xids = []

    async def handle(peer, number):
        await peer.accept()
        for _ in range(3 if number == 1 else 1):
            xid = (await peer.request()).xid
            xids.append(xid)
            if len(xids) < 3:
                await peer.send(reply(xid, err=-101))
        if number == 2:
            await peer.send(reply(xid, err=-101))
            await peer.swallow()

    async with (
        serving(handle) as server,
        open_coordinator([f"{server.host}:{server.port}"], "/", 1.0) as coordinator,
    ):
        with trio.fail_after(30):
            for _ in range(3):  # the third is cut off, and sent again
                assert await coordinator.exists("/x") is None
    assert xids == [1, 2, 3, 4]


async def test_a_read_whose_answer_cannot_be_read_does_not_cost_every_connection(nursery):
    async def handle(peer, _number):
        await peer.accept()
        xid = (await peer.request()).xid
        await peer.send(framed(reply(xid)[4:6]))  # half a header
        await peer.swallow()

    subject = session()
    async with serving(handle) as server:

        async def reconnect():
            while True:
                async with opened(server) as connection:
                    subject.attach(connection)
                    await connection.wait_lost()
                    subject.detach(connection)

        nursery.start_soon(reconnect)
        with pytest.raises(zkwire.ConnectionLost) as caught:
            await subject.get("/x")
        assert isinstance(caught.value.__cause__, zkwire.RemoteProtocolError)
        assert len(server.accepted_at) == 2
        nursery.cancel_scope.cancel()


@pytest.mark.parametrize("call", [Session.get, Session.delete])
async def test_a_connection_that_the_coordinator_gives_up_is_lost_and_not_closed(nursery, call):
    async def handle(peer, _number):
        await peer.accept()
        await peer.swallow()

    subject, errors = session(), []

    async def work():
        try:
            await call(subject, "/x")
        except zkwire.ZkwireError as error:
            errors.append(error)

    async with serving(handle) as server, opened(server) as connection:
        subject.attach(connection)
        nursery.start_soon(work)
        await wait_all_tasks_blocked()
        connection.detach()
        subject.detach(connection)
        await wait_all_tasks_blocked()
        subject.expire()
    while not errors:
        await trio.lowlevel.checkpoint()
    (error,) = errors
    if call is Session.get:  # it waited for the next connection
        assert isinstance(error, zkwire.SessionExpired)
        assert error.outcome is Outcome.NOT_SENT
    else:
        assert isinstance(error, zkwire.ConnectionLost)
        assert error.outcome is Outcome.UNKNOWN


# --- watches -------------------------------------------------------------------------------------


async def test_watches_tell_client_paths_and_end_with_the_session():
    async def handle(peer, _number):
        await peer.accept()
        for path in ("/burrow/x", None):
            xid = (await peer.request()).xid
            await peer.send(reply(xid, err=-101))
            if path:
                await peer.send(notification(zkwire.EventType.NODE_CREATED, path))
        await peer.swallow()

    subject = session()
    async with serving(handle) as server, opened(server, subject) as connection:
        subject.attach(connection)
        stat, watch = await subject.exists_and_watch("/x")
        assert stat is None
        event = await watch.wait()
        assert (event.type, event.path) == (zkwire.EventType.NODE_CREATED, "/x")
        _, armed = await subject.exists_and_watch("/y")
        assert len(subject.watches) == 1
        connection.detach()
        subject.detach(connection)
    assert len(subject.watches) == 1, "a connection took the watches with it"
    with assert_no_checkpoints():
        subject.expire()
    assert len(subject.watches) == 0
    for _ in range(2):
        with pytest.raises(zkwire.SessionExpired):
            await armed.wait()
