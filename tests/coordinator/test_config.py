import dataclasses
import enum
import math
import pathlib
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordinator._addresses import ServerAddress
from coordinator._config import (
    DEFAULT_ROOT_PATH,
    Config,
    check_root_path,
    check_session_timeout,
)
from coordinator._errors import ConfigurationError
from zkwire import MAX_SESSION_TIMEOUT

GOOD_PATHS = [
    "/",
    "/this/is/fine",
    "/underscores_are/ok",
    "/dashes-are/fine/too",
    "/a.b",
    "/a.",
    "/-a",
    "/_a",
    "/0",
    "/zookeepers",
    "/app/zookeeper",
    DEFAULT_ROOT_PATH,
]


@pytest.mark.parametrize("path", GOOD_PATHS)
def test_good_root_path(path):
    assert check_root_path(path) == path


BAD_PATHS = [
    ("", "must start with '/'"),
    ("relative", "must start with '/'"),
    ("\n/a", "must start with '/'"),
    ("/trailing/slash/", "must not end with '/'"),
    ("//", "must not end with '/'"),
    ("/a//b", "must not contain '//'"),
    ("//a", "must not contain '//'"),
    ("/has spaces/in/it", "segment 'has spaces'"),
    ("/.a", "segment '.a'"),
    ("/.", "segment '.'"),
    ("/..", "segment '..'"),
    ("/a/../b", "segment '..'"),
    ("/a:b", "segment 'a:b'"),
    ("/é", "segment 'é'"),
    ("/٣", "segment '٣'"),
    ("/a\x00", r"segment 'a\x00'"),
    ("/a\n", r"segment 'a\n'"),
    ("/a\n/b", r"segment 'a\n'"),
    ("/\n", r"segment '\n'"),
    # Stricter than Burrow: ZooKeeper's own tree.
    ("/zookeeper", "must not lie in '/zookeeper'"),
    ("/zookeeper/config", "must not lie in '/zookeeper'"),
]


@pytest.mark.parametrize(("path", "reason"), BAD_PATHS)
def test_bad_root_path(path, reason):
    with pytest.raises(ConfigurationError) as caught:
        check_root_path(path)
    assert str(caught.value).startswith(f"root_path: {path!r}: {reason}")


@pytest.mark.parametrize("path", [b"/burrow", None, pathlib.PurePosixPath("/burrow"), 1, True])
def test_root_path_of_a_wrong_type(path):
    with pytest.raises(ConfigurationError) as caught:
        check_root_path(path)
    rule = f"must be a str, not {type(path).__name__}"
    assert str(caught.value) == f"root_path: {path!r}: {rule}"


# 6000 is 6000 seconds: milliseconds are not guessed.
@pytest.mark.parametrize("seconds", [6, 6.0, 0.5, 6000, 1e-9, MAX_SESSION_TIMEOUT])
def test_good_session_timeout(seconds):
    checked = check_session_timeout(seconds)
    assert type(checked) is float
    assert checked == seconds


def test_longest_session_timeout_is_the_largest_int32_of_milliseconds():
    assert round(MAX_SESSION_TIMEOUT * 1000) == 2**31 - 1


BAD_TIMEOUTS = [
    (0, "must be more than 0 seconds"),
    (0.0, "must be more than 0 seconds"),
    (-0.0, "must be more than 0 seconds"),
    (-1, "must be more than 0 seconds"),
    (math.nan, "must be finite"),
    (math.inf, "must be finite"),
    (-math.inf, "must be finite"),
    (math.nextafter(MAX_SESSION_TIMEOUT, math.inf), "must be at most 2147483.647 seconds"),
    (2147484, "must be at most 2147483.647 seconds"),
    (True, "must be a number of seconds, not bool"),
    (False, "must be a number of seconds, not bool"),
    ("6s", "must be a number of seconds, not str"),
    ("6", "must be a number of seconds, not str"),
    (b"6", "must be a number of seconds, not bytes"),
    (None, "must be a number of seconds, not NoneType"),
    (6 + 0j, "must be a number of seconds, not complex"),
    (Decimal(6), "must be a number of seconds, not Decimal"),
    (Fraction(6), "must be a number of seconds, not Fraction"),
]


@pytest.mark.parametrize(("seconds", "reason"), BAD_TIMEOUTS)
def test_bad_session_timeout(seconds, reason):
    with pytest.raises(ConfigurationError) as caught:
        check_session_timeout(seconds)
    assert str(caught.value).startswith(f"session_timeout: {seconds!r}: {reason}")


@pytest.mark.parametrize(("sign", "shown"), [(1, "inf"), (-1, "-inf")])
def test_integer_too_large_to_print(sign, shown):
    with pytest.raises(ConfigurationError, match=f"session_timeout: {shown}: must be"):
        check_session_timeout(sign * 10**5000)


class Timeouts(enum.IntEnum):
    SHORT = 6


def test_int_subclass_becomes_a_plain_float():
    assert type(check_session_timeout(Timeouts.SHORT)) is float


@given(st.floats() | st.integers())
def test_a_number_is_returned_in_range_or_refused(seconds):
    in_range = 0 < seconds <= MAX_SESSION_TIMEOUT
    try:
        checked = check_session_timeout(seconds)
    except ConfigurationError:
        assert not in_range
    else:
        assert in_range
        assert checked == seconds


def test_config_defaults():
    assert Config.checked(["zk1:2181"]) == Config(
        servers=(ServerAddress("zk1", 2181),), root_path="/burrow", session_timeout=6.0
    )


def test_config_takes_every_value():
    config = Config.checked(["zk1:1", "[::1]:2"], root_path="/", session_timeout=30)
    assert config == Config(
        servers=(ServerAddress("zk1", 1), ServerAddress("::1", 2)),
        root_path="/",
        session_timeout=30.0,
    )


@pytest.mark.parametrize(
    ("servers", "options", "argument"),
    [
        ([], {}, "servers"),
        ("zk1:2181", {}, "servers"),
        (["zk1:2181"], {"root_path": "burrow"}, "root_path"),
        (["zk1:2181"], {"session_timeout": 0}, "session_timeout"),
    ],
)
def test_config_checks_every_value(servers, options, argument):
    with pytest.raises(ConfigurationError, match=f"^{argument}: "):
        Config.checked(servers, **options)


def test_config_cannot_be_changed():
    config = Config.checked(["zk1:2181"])
    with pytest.raises(dataclasses.FrozenInstanceError):
        config.root_path = "/other"


def test_configuration_error_is_a_value_error():
    with pytest.raises(ValueError, match="servers"):
        Config.checked(["zk1"])
