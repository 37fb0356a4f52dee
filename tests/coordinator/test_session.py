from types import SimpleNamespace

import pytest
import trio
from trio.testing import assert_checkpoints, wait_all_tasks_blocked

import zkwire
from coordinator import Session
from server_frames import PASSWORD, SESSION_ID
from unruly_servers import serving


def granted(timeout=6.0):
    credentials = zkwire.SessionCredentials(id=SESSION_ID, password=PASSWORD)
    return zkwire.SessionInfo(credentials=credentials, negotiated_timeout=timeout, read_only=False)


def session(timeout=6.0, watches=None):
    return Session(granted(timeout), "/burrow", watches or zkwire.SessionWatches())


def opened(server, subject=None):
    watches = None if subject is None else subject.watches
    return zkwire.open_connection(server.host, server.port, session_timeout=1.0, watches=watches)


ENDS = {
    "given up": Session.give_up,
    "expired": Session.expire,
    "closed": Session.close,
}


# --- the scope -----------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
async def test_scope_is_cancelled_when_the_session_ends(end):
    subject = session()
    async with subject.scope() as scope:
        end(subject)
        with pytest.raises(trio.Cancelled):
            await trio.lowlevel.checkpoint()
        await trio.lowlevel.checkpoint()
    assert scope.cancelled_caught


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
async def test_scope_entered_too_late_is_cancelled_at_the_first_checkpoint(end):
    subject = session()
    end(subject)
    steps = []
    async with subject.scope() as scope:
        steps.append("entered")
        await trio.lowlevel.checkpoint()
        steps.append("went on")
    assert steps == ["entered"]
    assert scope.cancelled_caught


async def test_an_end_while_the_scope_is_being_entered_is_not_missed(nursery):
    # The lost wake-up of a wait without a look: the session ends after the task has
    # got hold of it, and before it is inside.
    subject = session()
    steps = []

    async def work():
        async with subject.scope():
            await trio.lowlevel.checkpoint()
            steps.append("worked")

    nursery.start_soon(work)
    nursery.start_soon(trio.lowlevel.checkpoint)
    subject.give_up()
    await wait_all_tasks_blocked()
    assert steps == []
    assert not nursery.child_tasks


async def test_scope_of_a_live_session_is_left_as_any_block():
    subject = session()
    with assert_checkpoints():
        async with subject.scope() as scope:
            pass
    assert not scope.cancelled_caught
    with pytest.raises(LookupError):
        async with subject.scope():
            raise LookupError
    subject.give_up()
    assert not scope.cancel_called, "the session still holds a scope that was left"


async def test_scopes_nest_and_run_side_by_side(nursery):
    subject, ended = session(), []

    async def hold(name):
        async with subject.scope(), subject.scope():
            await trio.sleep_forever()
        ended.append(name)

    nursery.start_soon(hold, "one")
    nursery.start_soon(hold, "two")
    await wait_all_tasks_blocked()
    subject.give_up()
    await wait_all_tasks_blocked()
    assert sorted(ended) == ["one", "two"]


# --- what it is ----------------------------------------------------------------------------------


async def test_a_lost_session_that_survives_gets_a_new_event():
    async def handle(peer, _number):
        await peer.accept(timeout_ms=2000)
        await peer.swallow()

    subject = session()
    subject.give_up()
    captured = subject.lost
    assert (subject.is_lost, subject.is_over) == (True, False)
    async with serving(handle) as server, opened(server) as connection:
        subject.attach(connection)
        assert captured.is_set()
        assert not subject.is_lost
        assert subject.lost is not captured
        # The last server's word counts.
        assert subject.negotiated_timeout == 2.0
        assert subject.last_contact == connection.last_contact
        assert subject.lost_at == connection.last_contact + 2.0
        connection.detach()
        subject.detach(connection)
    assert subject.last_contact == connection.last_contact


def test_an_event_that_is_not_set_is_kept():
    subject = session()
    captured = subject.lost
    subject.attach(SimpleNamespace(session=granted(1.0)))
    assert subject.lost is captured


def test_repr_says_how_it_is_and_hides_the_password():
    subject = session()
    assert repr(subject) == "<Session 0x123456789abcdef: alive>"
    subject.give_up()
    assert repr(subject) == "<Session 0x123456789abcdef: lost>"
    subject.expire()
    assert repr(subject) == "<Session 0x123456789abcdef: over>"
    assert repr(PASSWORD) not in repr(subject.credentials)
    assert PASSWORD.hex() not in repr(subject.credentials)
