from random import Random
from types import SimpleNamespace

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

import zkwire
from coordinator import ServerAddress, Session, State, open_coordinator
from coordinator._attempts import MIN_ATTEMPT, Attempts
from coordinator._config import Config
from coordinator._supervisor import Supervisor
from server_frames import SESSION_ID
from unruly_servers import serving


def info(timeout=1.0, session_id=SESSION_ID):
    credentials = zkwire.SessionCredentials(id=session_id, password=bytes(16))
    return zkwire.SessionInfo(credentials=credentials, negotiated_timeout=timeout, read_only=False)


def supervisor(*servers, **options):
    config = Config.checked(servers or ["127.0.0.1:1"], **options)
    return Supervisor(config, Random(1))


async def told(transitions, *states):
    """Follow transitions until these states have come, in this order; returns the last."""
    transition = None
    for state in states:
        transition = await anext(transitions)
        assert transition.state is state, transition
    return transition


# --- LOST: the timer, on a clock of its own ------------------------------------------------------


class Cut:
    """A supervisor whose connections come and go by hand; only its timer runs."""

    def __init__(self, timeout, nursery):
        self.nursery = nursery
        self.supervisor = supervisor()
        self.session = Session(info(timeout), "/", zkwire.SessionWatches())
        self.supervisor.standing.session = self.session
        self.status = self.supervisor.standing.status

    def connect(self, timeout=None):
        """A server answers; the handshake was sent just now."""
        granted = info(timeout or self.session.negotiated_timeout)
        self.connection = SimpleNamespace(
            session=granted, last_contact=trio.current_time(), last_zxid=1, next_xid=2
        )
        self.session.attach(self.connection)
        self.status.move(State.CONNECTED)

    def cut(self, last_contact=None):
        if last_contact is not None:
            self.connection.last_contact = last_contact
        self.session.detach(self.connection)
        self.status.move(State.SUSPENDED)
        self.supervisor.watch_for_loss(self.nursery)


async def test_lost_a_timeout_after_the_last_answered_request_was_sent(autojump_clock, nursery):
    hand = Cut(timeout=6.0, nursery=nursery)
    transitions = hand.status.log.read()
    hand.connect()
    sent = trio.current_time()
    await trio.sleep(2.5)
    hand.cut()
    transition = await told(transitions, State.CONNECTED, State.SUSPENDED, State.LOST)
    assert transition.at == sent + 6.0
    assert hand.session.is_lost
    assert not hand.session.is_over
    hand.status.move(State.CLOSED)


async def test_the_timer_follows_the_last_contact_and_the_last_granted_timeout(
    autojump_clock, nursery
):
    hand = Cut(timeout=6.0, nursery=nursery)
    transitions = hand.status.log.read()
    hand.connect()
    await wait_all_tasks_blocked()
    hand.cut()
    await wait_all_tasks_blocked()
    # Gone on, with less time, and cut again, before the timer's task has had a look.
    await trio.sleep(5)
    hand.connect(timeout=4.0)
    await trio.sleep(1.5)
    hand.cut(last_contact=trio.current_time() - 0.5)
    expected = trio.current_time() - 0.5 + 4.0
    states = [State.CONNECTED, State.SUSPENDED] * 2 + [State.LOST]
    assert (await told(transitions, *states)).at == expected
    hand.status.move(State.CLOSED)


async def test_a_reconnect_that_the_timer_s_task_never_saw_does_not_lose_the_session(
    autojump_clock, nursery
):
    hand = Cut(timeout=6.0, nursery=nursery)
    hand.connect()
    hand.cut()
    await trio.sleep(5)
    hand.connect()
    hand.cut()
    await trio.sleep(5)
    assert hand.status.state is State.SUSPENDED
    await trio.sleep(2)
    assert hand.status.state is State.LOST
    hand.status.move(State.CLOSED)


async def test_a_loss_that_was_due_before_the_cut_is_called_at_once(autojump_clock, nursery):
    hand = Cut(timeout=6.0, nursery=nursery)
    hand.connect()
    await trio.sleep(10)
    hand.cut()
    await wait_all_tasks_blocked()
    assert hand.status.state is State.LOST
    hand.status.move(State.CLOSED)


async def test_lost_cancels_the_scopes_before_anybody_hears_of_it(autojump_clock, nursery):
    hand = Cut(timeout=6.0, nursery=nursery)
    hand.connect()
    async with hand.session.scope() as scope:
        hand.cut()
        with trio.CancelScope(shield=True):
            await hand.status.cell.wait_until(lambda state: state is State.LOST)
        assert scope.cancel_called
    hand.status.move(State.CLOSED)


async def test_the_timer_ends_with_the_coordinator(autojump_clock):
    async with trio.open_nursery() as nursery:
        hand = Cut(timeout=6.0, nursery=nursery)
        hand.connect()
        hand.cut()
        nursery.cancel_scope.cancel()  # which it is shielded from
        hand.status.move(State.CLOSED)


# --- how long an attempt may take ----------------------------------------------------------------


async def test_a_round_over_all_servers_takes_half_a_timeout():
    subject = supervisor("a:1", "b:1", "c:1", session_timeout=12.0)
    assert subject._attempts.limit == 2.0
    assert supervisor("a:1", session_timeout=0.1)._attempts.limit == MIN_ATTEMPT


async def test_it_is_the_granted_timeout_that_counts():
    subject = supervisor("a:1", "b:1", session_timeout=60.0)
    subject.standing.session = Session(info(timeout=4.0), "/", zkwire.SessionWatches())
    assert subject._attempts.limit == 1.0


async def test_no_server_has_all_the_time_of_a_session_that_can_be_saved():
    subject = supervisor("a:1", session_timeout=12.0)
    for _ in range(5):
        subject._pace.failed()
    assert subject._attempts.limit == 12.0
    subject.standing.status.move(State.CONNECTED)
    subject.standing.status.move(State.SUSPENDED)
    assert subject._attempts.limit == 6.0


async def test_slow_servers_are_given_more_time_round_by_round():
    subject = supervisor("a:1", "b:1", session_timeout=8.0)
    limits = []
    for _ in range(9):
        limits.append(subject._attempts.limit)
        subject._pace.failed()
    assert limits == [2.0, 2.0, 4.0, 4.0, 8.0, 8.0, 8.0, 8.0, 8.0]
    subject._pace.ended(lived=60.0)
    assert subject._attempts.limit == 2.0


# --- one attempt ---------------------------------------------------------------------------------


async def test_an_answer_at_the_very_end_of_the_limit_is_not_announced_and_then_dropped():
    # The limit strikes when the answer has woken the task, which has not run yet.
    ended = []

    async def handle(peer, _number):
        await peer.accept()
        ended.append((await peer.request()).opcode)

    async with serving(handle) as server:
        subject = supervisor(server.address, root_path="/")
        with trio.CancelScope() as limit:
            async with zkwire.open_connection(server.host, server.port) as connection:
                session = subject.standing.open_session(connection.session, zkwire.SessionWatches())
                limit.cancel()
                await subject._attempts._serve(
                    session, connection, ServerAddress("127.0.0.1", 1), limit
                )
        assert limit.cancelled_caught
    assert subject.standing.status.state is State.CONNECTING
    assert subject.standing.announced.value.session is None
    assert ended == [], "a session that is to be gone on with was ended"


async def test_a_defect_in_the_loop_ends_the_coordinator_and_does_not_hang(monkeypatch):
    async def break_down(_self, _server):
        raise RuntimeError("a defect")

    monkeypatch.setattr(Attempts, "make", break_down)
    with trio.fail_after(5), pytest.raises(zkwire.InternalError, match="a defect"):
        async with open_coordinator(["127.0.0.1:1"]) as coordinator:
            await trio.sleep_forever()
    assert coordinator.state is State.CLOSED


async def test_stop_ends_scopes_and_watches_first(nursery):
    subject = supervisor()
    subject.standing.session = Session(info(), "/", zkwire.SessionWatches())
    async with subject.standing.session.scope() as scope:
        subject.stop()
        assert scope.cancel_called
        assert subject.standing.session.is_over
    await subject.run(nursery)
    assert subject.standing.status.state is State.CLOSED
