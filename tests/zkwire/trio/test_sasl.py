"""The SASL exchange, with mechanisms and servers that say what a test wants."""

from __future__ import annotations

import threading
from contextlib import asynccontextmanager

import pytest
import trio
import trio.testing

import zkwire
from scripted_server import CLOSE_SESSION, PING, SET_WATCHES, Peer, Tap
from server_frames import connect_reply, framed, reply
from zkwire._jute import records
from zkwire._proto._request import Request
from zkwire._trio._sasl import authenticate

SASL, AUTH = 102, 100
MALFORMED = ValueError("no challenge of mine")


class Scripted:
    """Answers by a list; complete from the given step on (0 is the start)."""

    def __init__(self, *tokens, complete_at=None):
        self._tokens = list(tokens)
        self._complete_at = complete_at
        self.steps = -1
        self.challenges = []
        self.threads = set()

    def __call__(self, host):
        self.host = host
        return self

    def start(self):
        return self._next()

    def step(self, challenge):
        self.challenges.append(challenge)
        return self._next()

    def _next(self):
        self.steps += 1
        self.threads.add(threading.get_ident())
        token = self._tokens.pop(0)
        if isinstance(token, Exception):
            raise token
        return token

    @property
    def is_complete(self):
        return self._complete_at is not None and self.steps >= self._complete_at


def replying(*answers):
    """What performs requests: each answer is a token, None, or an exception."""
    left, sent = list(answers), []

    async def perform(request: Request):
        await trio.lowlevel.checkpoint()
        sent.append(request.values[0])
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    perform.sent = sent
    return perform


# --- every branch -----------------------------------------------------------------------------


async def test_the_client_may_have_the_last_step():
    # DIGEST-MD5: the server's proof wants no answer.
    mechanism = Scripted(b"", b"response", None, complete_at=2)
    perform = replying(b"challenge", b"proof")
    await authenticate(mechanism, "zk1", perform)
    assert perform.sent == [b"", b"response"]
    assert mechanism.challenges == [b"challenge", b"proof"]
    assert mechanism.host == "zk1"


async def test_the_server_may_have_the_last_word():
    # GSSAPI: it comes without a token.
    mechanism = Scripted(b"first", b"", b"choice", complete_at=2)
    perform = replying(b"token", b"offer", None)
    await authenticate(mechanism, None, perform)
    assert perform.sent == [b"first", b"", b"choice"]


async def test_no_token_in_the_first_answer_is_a_server_without_sasl():
    with pytest.raises(zkwire.ServerUnusable, match="the server does not speak SASL"):
        await authenticate(Scripted(b"first"), None, replying(None))


async def test_no_token_before_the_client_is_satisfied_is_a_failure():
    with pytest.raises(zkwire.AuthFailed):
        await authenticate(Scripted(b"", b"response"), None, replying(b"challenge", None))


async def test_nothing_left_to_say_without_being_satisfied_is_a_failure():
    with pytest.raises(zkwire.AuthFailed):
        await authenticate(Scripted(b"", None), None, replying(b"challenge"))


@pytest.mark.parametrize("tokens", [(MALFORMED,), (b"", MALFORMED)], ids=["start", "step"])
async def test_a_mechanism_that_fails_says_why(tokens):
    with pytest.raises(zkwire.AuthFailed) as caught:
        await authenticate(Scripted(*tokens), None, replying(b"challenge"))
    assert caught.value.__cause__ is MALFORMED


async def test_a_mechanism_that_cannot_be_made_says_why():
    def make(_host):
        raise MALFORMED

    with pytest.raises(zkwire.AuthFailed) as caught:
        await authenticate(make, None, replying())
    assert caught.value.__cause__ is MALFORMED


async def test_a_server_that_insists_on_sasl_refuses_in_its_own_way():
    refusal = zkwire.SessionClosedRequireSaslAuth()
    with pytest.raises(zkwire.AuthFailed) as caught:
        await authenticate(Scripted(b"", b"wrong"), None, replying(b"challenge", refusal))
    assert caught.value.__cause__ is refusal


@pytest.mark.parametrize(
    ("cls", "arguments"),
    [
        (zkwire.AuthFailed, {}),
        (zkwire.ConnectionLost, {"message": "lost", "outcome": zkwire.Outcome.UNKNOWN}),
    ],
)
async def test_any_other_failure_comes_as_it_is(cls, arguments):
    error = cls(**arguments)
    with pytest.raises(type(error)) as caught:
        await authenticate(Scripted(b""), None, replying(error))
    assert caught.value is error


async def test_a_mechanism_may_block_since_it_runs_elsewhere():
    mechanism = Scripted(b"", None, complete_at=1)
    await authenticate(mechanism, None, replying(b"challenge"))
    assert threading.get_ident() not in mechanism.threads


async def test_one_that_hangs_can_be_left():
    release = threading.Event()

    def make(_host):
        release.wait(60)

    try:
        with trio.fail_after(30), trio.CancelScope() as scope:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(authenticate, make, None, replying())
                await trio.testing.wait_all_tasks_blocked()
                scope.cancel()
        assert scope.cancelled_caught
    finally:
        release.set()


# --- on a connection --------------------------------------------------------------------------


@asynccontextmanager
async def authenticating(mechanism, *, timeout_ms=6000, **options):
    """The scripted end of a connection that has sent its first token, and its outcome."""
    near, far = trio.testing.memory_stream_pair()
    tap, peer, outcome = Tap(near), Peer(far), {}
    await peer.send(framed(connect_reply(timeout_ms=timeout_ms)))

    async def run():
        try:
            async with zkwire.open_connection_over(tap, sasl=mechanism, **options) as zk:
                outcome["opened"] = zk
                await zk.wait_lost()
        except zkwire.ZkwireError as error:
            outcome["error"] = error
        outcome["over"].set()

    outcome["over"] = trio.Event()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(run)
        await peer.frame()
        yield peer, await peer.request(), tap, outcome
        nursery.cancel_scope.cancel()


def token(sent, body):
    return reply(sent.xid, body=records.SET_SASL_RESPONSE.build(body))


def one_round():
    return Scripted(b"first", None, complete_at=1)


async def test_identities_and_watches_wait_for_it():
    watches = zkwire.SessionWatches()
    auth = [("digest", b"a:b")]
    options = {"auth": auth, "watches": watches, "last_zxid": 1}
    watches.register(zkwire.WatchKind.DATA, "/a", lambda *_: None)
    async with authenticating(one_round(), **options) as (peer, first, tap, _):
        assert (first.opcode, first.body) == (SASL, records.GET_SASL_REQUEST.build(b"first"))
        await trio.testing.wait_all_tasks_blocked()
        assert len(tap.writes) == 2, "the handshake and the token"
        await peer.send(token(first, b"last"))
        second = await peer.request()
        assert second.opcode == AUTH
        await peer.send(reply(second.xid))
        assert (await peer.request()).opcode == SET_WATCHES


async def test_a_ping_is_held_back_and_sent_as_soon_as_it_is_over(mock_clock):
    async with authenticating(one_round(), timeout_ms=6000) as (peer, first, tap, outcome):
        mock_clock.jump(2.0)  # a ping was due after 1.0
        await trio.testing.wait_all_tasks_blocked()
        assert len(tap.writes) == 2, "the handshake and the token"
        await peer.send(token(first, b"last"))
        assert (await peer.request()).opcode == PING
        assert outcome["opened"].is_alive
        await peer.stream.aclose()  # the grace of closing would not pass on this clock


async def test_the_servers_silence_is_noticed_meanwhile(mock_clock):
    async with authenticating(one_round(), timeout_ms=6000) as (_, _, tap, outcome):
        mock_clock.jump(2.8)  # 0.45 of 6 s is 2.7
        await trio.testing.wait_all_tasks_blocked()
        mock_clock.jump(0.1)  # a last look at the socket
        with trio.fail_after(30):
            await outcome["over"].wait()
        assert isinstance(outcome["error"], zkwire.ConnectionLost)
        assert isinstance(outcome["error"].__cause__, TimeoutError)
        assert len(tap.writes) == 2


async def test_a_refusal_ends_it_without_another_word():
    async with authenticating(one_round()) as (peer, first, tap, outcome):
        await peer.send(reply(first.xid, err=-115, body=records.SET_SASL_RESPONSE.build(None)))
        with trio.fail_after(30):
            await outcome["over"].wait()
        assert isinstance(outcome["error"], zkwire.AuthFailed)
        # closeSession would come between tokens, as far as the server knows.
        assert len(tap.writes) == 2
        with pytest.raises(EOFError):
            await peer.frame()


async def test_cancelled_in_the_middle_it_leaves_without_another_word():
    async with authenticating(one_round()) as (peer, _, tap, _):
        pass
    assert tap.is_closed
    assert len(tap.writes) == 2
    with pytest.raises(EOFError):
        await peer.frame()


async def test_afterwards_the_session_is_ended_as_ever():
    async with authenticating(one_round()) as (peer, first, _, outcome):
        await peer.send(token(first, b"last"))
        while "opened" not in outcome:
            await trio.testing.wait_all_tasks_blocked()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(outcome["opened"].aclose)
            assert (await peer.request()).opcode == CLOSE_SESSION
            await peer.stream.aclose()


async def test_a_connection_that_dies_as_the_exchange_ends_is_lost():
    reached = trio.Event()
    token_ = trio.lowlevel.current_trio_token()
    go_on = threading.Event()

    class Late(Scripted):
        def step(self, challenge):
            token_.run_sync_soon(reached.set)
            go_on.wait(60)
            return super().step(challenge)

    mechanism = Late(b"first", None, complete_at=1)
    async with authenticating(mechanism) as (peer, first, _, outcome):
        await peer.send(token(first, b"last"))
        await reached.wait()
        await peer.stream.aclose()
        await trio.testing.wait_all_tasks_blocked()
        go_on.set()
        with trio.fail_after(30):
            await outcome["over"].wait()
        assert isinstance(outcome["error"], zkwire.ConnectionLost)
        assert outcome["error"].outcome is zkwire.Outcome.NOT_SENT


async def test_a_client_in_place_of_a_mechanism_is_refused():
    near, _ = trio.testing.memory_stream_pair()
    with pytest.raises(zkwire.InvalidArgumentType, match="sasl: must be callable"):
        async with zkwire.open_connection_over(near, sasl=object()):
            pytest.fail("opened")
