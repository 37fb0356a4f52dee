"""The mechanisms, each against the other side as its specification has it."""

from __future__ import annotations

import re
import sys
from hashlib import md5

import pytest

import zkwire
from zkwire.sasl import digest_md5, gssapi
from zkwire.sasl._gssapi import GssapiClient

SECRET = "pass word"
# As a 3.8.0 server sends it: no qop, which means auth.
CHALLENGE = b'realm="zk-sasl-md5",nonce="lb1w/kpKvMQyfVtH",charset=utf-8,algorithm=md5-sess'


def fields(token: bytes) -> dict[str, str]:
    found = re.findall(r'([\w-]+)=(?:"((?:\\.|[^"\\])*)"|([^,]*))', token.decode("latin-1"))
    return {name: re.sub(r"\\(.)", r"\1", quoted) or plain for name, quoted, plain in found}


def response(said: dict[str, str], password: bytes, verb: str) -> str:
    """RFC 2831, 2.1.2.1, written out once more."""
    secret = md5(f"{said['username']}:{said['realm']}:".encode() + password).digest()
    a1 = md5(secret + f":{said['nonce']}:{said['cnonce']}".encode()).hexdigest()
    a2 = md5(f"{verb}:{said['digest-uri']}".encode()).hexdigest()
    middle = f"{said['nonce']}:{said['nc']}:{said['cnonce']}:{said['qop']}"
    return md5(f"{a1}:{middle}:{a2}".encode()).hexdigest()


# --- DIGEST-MD5 -------------------------------------------------------------------------------


def test_the_server_begins_and_is_answered_under_its_constant_name():
    client = digest_md5("bob", SECRET)("zk1.example")
    assert client.start() == b""
    said = fields(client.step(CHALLENGE))
    assert said["digest-uri"] == "zookeeper/zk-sasl-md5"
    assert (said["username"], said["realm"]) == ("bob", "zk-sasl-md5")
    assert (said["qop"], said["nc"]) == ("auth", "00000001")
    assert said["response"] == response(said, SECRET.encode(), "AUTHENTICATE")
    assert not client.is_complete
    proof = response(said, SECRET.encode(), "").encode()
    assert client.step(b"rspauth=" + proof) is None
    assert client.is_complete


@pytest.mark.parametrize(
    ("password", "hashed"),
    [("", b""), ("pä", b"p\xe4"), ("日本", "日本".encode()), ('a"b\\c,d=', b'a"b\\c,d=')],
)
def test_a_password_is_hashed_as_servers_hash_it(password, hashed):
    client = digest_md5('bo"b\\', password)(None)
    said = fields(client.step(CHALLENGE))
    assert said["username"] == 'bo"b\\'
    assert said["response"] == response(said, hashed, "AUTHENTICATE")


@pytest.mark.parametrize(
    "proof", [b"rspauth=0123456789abcdef0123456789abcdef", b"rspauth=", b"", b"\xff\0", b"realm=x"]
)
def test_a_server_that_does_not_know_the_password_is_found_out(proof):
    client = digest_md5("bob", SECRET)(None)
    client.step(CHALLENGE)
    if proof == b"realm=x" or not proof.startswith(b"rspauth"):
        # A challenge once more, or rubbish: never a success.
        try:
            client.step(proof)
        except Exception:  # noqa: BLE001
            return
        assert not client.is_complete
        return
    with pytest.raises(Exception, match="Invalid server auth response"):
        client.step(proof)
    assert not client.is_complete


@pytest.mark.parametrize(
    "challenge", [b"", b'realm="x"', b"rspauth=00", CHALLENGE + b',qop="auth-conf"', b"\xff=\xff"]
)
def test_a_challenge_that_is_none_fails(challenge):
    client = digest_md5("bob", SECRET)(None)
    with pytest.raises(Exception):  # noqa: B017, PT011  # whatever the library raises
        client.step(challenge)
    assert not client.is_complete


def test_each_connection_has_its_own_exchange():
    mechanism = digest_md5("bob", SECRET)
    first, second = (fields(mechanism(None).step(CHALLENGE)) for _ in range(2))
    assert first["cnonce"] != second["cnonce"]


def test_nothing_that_is_printed_shows_the_password():
    mechanism = digest_md5("bob", SECRET)
    client = mechanism("zk1")
    assert repr(mechanism) == "<DIGEST-MD5 as 'bob'>"
    assert SECRET not in f"{mechanism!r}{mechanism}{client!r}{client}"
    assert SECRET.encode() not in client.step(CHALLENGE)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (("bob", b"x"), zkwire.InvalidArgumentType, "password: must be a str, not bytes"),
        ((None, "x"), zkwire.InvalidArgumentType, "username: must be a str"),
        (("", SECRET), zkwire.InvalidArgument, "username: must not be empty"),
        (("jörg", SECRET), zkwire.InvalidArgument, "username: must be ASCII"),
    ],
)
def test_what_cannot_be_said_is_refused(arguments, error, words):
    with pytest.raises(error, match=words) as caught:
        digest_md5(*arguments)
    assert SECRET not in str(caught.value)


# --- GSSAPI -----------------------------------------------------------------------------------


class Context:
    """A security context that is complete after so many steps, and wraps by adding a letter."""

    def __init__(self, *answers, message=b""):
        self._answers = list(answers)
        self.seen = []
        self.message = message

    @property
    def complete(self):
        return not self._answers

    def step(self, token=None):
        self.seen.append(token)
        return self._answers.pop(0)

    def unwrap(self, message):
        assert message.startswith(b"w"), "an unwrapped message"
        return Context(message=message[1:])

    def wrap(self, message, encrypt):
        assert not encrypt
        return Context(message=b"w" + message)


def test_tokens_first_and_then_the_choice_of_no_layer():
    context = Context(b"request", None)
    client = GssapiClient(context)
    assert client.start() == b"request"
    assert client.step(b"reply") == b"", "which asks the server to go on"
    assert context.seen == [None, b"reply"]
    assert not client.is_complete
    assert client.step(b"w\x07\xff\xff\xff") == b"w\x01\0\0\0"
    assert client.is_complete
    with pytest.raises(ValueError, match="after the end"):
        client.step(b"w\x01\0\0\0")


def test_a_context_that_is_complete_at_once():
    client = GssapiClient(Context(b"request"))
    assert client.start() == b"request"
    assert client.step(b"w\x01\0\0\0") == b"w\x01\0\0\0"
    assert client.is_complete


@pytest.mark.parametrize("offer", [b"w", b"w\x01", b"w\x06\0\0\0", b"w\x01\0\0\0\0"])
def test_a_server_that_insists_on_a_layer_is_refused(offer):
    client = GssapiClient(Context(b"request"))
    client.start()
    with pytest.raises(ValueError, match="security layer"):
        client.step(offer)
    assert not client.is_complete


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"host": ""}, zkwire.InvalidArgument, "host: must not be empty"),
        ({"service": ""}, zkwire.InvalidArgument, "service: must not be empty"),
        ({"principal": b"bob"}, zkwire.InvalidArgumentType, "principal: must be a str"),
    ],
)
def test_names_are_checked(arguments, error, words):
    with pytest.raises(error, match=words):
        gssapi(**arguments)


# --- extras -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "modules", "words"),
    [
        (lambda: digest_md5("a", "b"), ["puresasl", "puresasl.client"], "pure-sasl.*zkwire.sasl"),
        (gssapi, ["gssapi"], r"gssapi.*zkwire\[gssapi\]"),
    ],
)
def test_without_its_extra_a_mechanism_says_which(make, modules, words, monkeypatch):
    for module in modules:
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ModuleNotFoundError, match=words):
        make()


def test_a_library_that_lacks_something_itself_is_not_called_missing(monkeypatch, tmp_path):
    (tmp_path / "gssapi.py").write_text("import no_such_module\n")
    monkeypatch.delitem(sys.modules, "gssapi", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        gssapi()
