"""The public names: written down twice, and the same both times."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

import zkwire
import zkwire.sasl
import zkwire.testing  # a submodule is in its package's namespace once somebody has imported it

SUBMODULES = {"conformance", "sasl", "testing"}
EXPORTED = {name: getattr(zkwire, name) for name in zkwire.__all__}
CLASSES = {name: value for name, value in EXPORTED.items() if isinstance(value, type)}
EXCEPTIONS = {name: cls for name, cls in CLASSES.items() if issubclass(cls, BaseException)}
REPLY_ERRORS = {name: cls for name, cls in EXCEPTIONS.items() if issubclass(cls, zkwire.ReplyError)}
BY_CODE = {cls.code: cls for cls in REPLY_ERRORS.values() if hasattr(cls, "code")}

# KeeperException.java: what a server can put into a reply.
CODES = {
    0: "RolledBack",  # means failure among the results of a multi, and nowhere else
    -1: "SystemFailure",
    -2: "RuntimeInconsistency",
    -3: "DataInconsistency",
    -4: "ServerConnectionLoss",
    -5: "MarshallingError",
    -6: "Unimplemented",
    -7: "OperationTimeout",
    -8: "BadArguments",
    -12: "UnknownSession",
    -13: "NewConfigNoQuorum",
    -14: "ReconfigInProgress",
    -100: "ApiError",
    -101: "NoNode",
    -102: "NoAuth",
    -103: "BadVersion",
    -108: "NoChildrenForEphemerals",
    -110: "NodeExists",
    -111: "NotEmpty",
    -112: "SessionExpired",
    -113: "InvalidCallback",
    -114: "InvalidAcl",
    -115: "AuthFailed",
    -118: "SessionMoved",
    -119: "NotReadOnly",
    -120: "EphemeralOnLocalSession",
    -121: "NoWatcher",
    -122: "RequestTimeout",
    -123: "ReconfigDisabled",
    -124: "SessionClosedRequireSaslAuth",
    -125: "QuotaExceeded",
    -127: "Throttled",
}


def test_all_is_what_the_package_shows():
    # "@" begins what pytest adds to the modules of a plugin's distribution.
    shown = {name for name in vars(zkwire) if not name.startswith(("_", "@"))}
    assert shown - SUBMODULES == set(zkwire.__all__)
    assert len(zkwire.__all__) == len(set(zkwire.__all__))


@pytest.mark.parametrize("cls", CLASSES.values(), ids=CLASSES.keys())
def test_a_class_is_named_as_users_import_it(cls):
    assert cls.__module__ == "zkwire"
    assert getattr(zkwire, cls.__qualname__) is cls


@pytest.mark.parametrize("name", [n for n, v in EXPORTED.items() if callable(v)])
def test_what_is_public_has_a_docstring(name):
    if name in {"Dial", "SessionId", "Zxid"}:  # names of types have no docstring of their own
        return
    assert (EXPORTED[name].__doc__ or "").strip()


# --- exceptions -------------------------------------------------------------------------------


@pytest.mark.parametrize("cls", EXCEPTIONS.values(), ids=EXCEPTIONS.keys())
def test_an_exception_says_what_became_of_the_request(cls):
    assert issubclass(cls, zkwire.ZkwireError)
    assert isinstance(cls.outcome, zkwire.Outcome)


@pytest.mark.parametrize(("code", "name"), CODES.items())
def test_a_documented_code_has_its_class(code, name):
    error = zkwire.reply_error(code, "/a/b")
    assert type(error) is getattr(zkwire, name)
    assert (error.code, error.path, error.outcome) == (code, "/a/b", zkwire.Outcome.REFUSED)
    text = str(error)
    assert text.endswith(f": /a/b (code {code})")
    assert text[0].isupper()
    assert "." not in text
    assert str(zkwire.reply_error(code)).endswith(f" (code {code})")


def test_the_registry_is_those_codes_and_no_others():
    assert {code: cls.__name__ for code, cls in BY_CODE.items()} == CODES
    assert len(BY_CODE) == len(REPLY_ERRORS) - 2, "all but ReplyError and UnknownReplyError"


@given(st.integers(-(2**31), 2**31 - 1).filter(lambda code: code not in CODES))
def test_every_other_code_is_an_unknown_error(code):
    error = zkwire.reply_error(code, "/a")
    assert type(error) is zkwire.UnknownReplyError
    assert (error.code, error.path, error.outcome) == (code, "/a", zkwire.Outcome.REFUSED)
    assert str(error).endswith(f": /a (code {code})")


def test_a_code_cannot_be_taken_twice():
    with pytest.raises(TypeError, match="error code -101 belongs to NoNode"):
        type("Second", (zkwire.ReplyError,), {}, code=-101)
    assert type(zkwire.reply_error(-101)) is zkwire.NoNode


def test_a_subclass_without_a_code_takes_none():
    class OfMine(zkwire.NoNode):
        """A node of mine is missing."""

    assert OfMine.code == -101
    assert type(zkwire.reply_error(-101)) is zkwire.NoNode


def test_errors_of_the_caller_are_builtin_errors_too():
    assert issubclass(zkwire.InvalidArgument, ValueError)
    assert issubclass(zkwire.InvalidArgumentType, TypeError)


def test_a_lost_connection_says_so_in_words():
    error = zkwire.ConnectionLost("the connection is lost", outcome=zkwire.Outcome.UNKNOWN)
    assert error.outcome is zkwire.Outcome.UNKNOWN
    assert str(error) == "the connection is lost (outcome: unknown)"


def test_a_fault_of_the_peer_says_where():
    error = zkwire.RemoteProtocolError("bad", offset=37)
    assert (str(error), error.reason, error.offset) == ("bad (at byte 37)", "bad", 37)
    error = zkwire.RemoteProtocolError("bad")
    assert (str(error), error.offset) == ("bad", None)


def test_what_is_for_tests_is_not_imported():
    """``trio.testing`` imports pytest, where it is installed: 80 ms."""
    code = (
        "import coordinator, sys; print(*sorted({'pytest', 'trio.testing'} & sys.modules.keys()))"
    )
    done = subprocess.run((sys.executable, "-c", code), capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
