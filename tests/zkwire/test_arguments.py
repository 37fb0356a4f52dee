from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zkwire._arguments import (
    MAX_SESSION_TIMEOUT,
    MAX_TTL_MS,
    milliseconds,
    require_data,
    require_instance,
    require_seconds,
    require_str,
    require_version,
)
from zkwire._errors import InvalidArgument, InvalidArgumentType, Outcome


@pytest.mark.parametrize("data", [None, b"", b"x"])
def test_data_that_can_be_sent(data):
    require_data("data", data)


@pytest.mark.parametrize("data", ["", bytearray(), memoryview(b""), 0, []])
def test_data_that_cannot_be_sent(data):
    with pytest.raises(InvalidArgumentType) as caught:
        require_data("payload", data)
    assert str(caught.value) == f"payload: must be bytes or None, not {type(data).__name__}"
    assert caught.value.outcome is Outcome.NOT_SENT


def test_text_and_instances():
    require_str("host", "")
    require_instance("mode", 1, int)
    with pytest.raises(InvalidArgumentType, match=r"^host: must be a str, not bytes$"):
        require_str("host", b"")
    with pytest.raises(InvalidArgumentType, match=r"^mode: must be a dict, not list$"):
        require_instance("mode", [], dict)


@pytest.mark.parametrize("version", [-1, 0, 2**31 - 1])
def test_versions(version):
    require_version("version", version)


@pytest.mark.parametrize("seconds", [1, 0.5, 5e-324, 10.0])
def test_seconds(seconds):
    taken = require_seconds("session_timeout", seconds, most=10.0)
    assert taken == seconds
    assert type(taken) is float


@pytest.mark.parametrize("seconds", [0, -0.0, -1, 10.001, math.inf, -math.inf, math.nan])
def test_seconds_out_of_range(seconds):
    with pytest.raises(InvalidArgument) as caught:
        require_seconds("ttl", seconds, most=10.0)
    assert str(caught.value) == f"ttl: must be above 0 and at most 10 seconds, not {seconds}"


@pytest.mark.parametrize("seconds", ["1", None, True, 1j])
def test_seconds_that_are_no_number(seconds):
    with pytest.raises(InvalidArgumentType, match=r"^ttl: must be a number of seconds, not "):
        require_seconds("ttl", seconds, most=10.0)


@given(st.floats(5e-324, MAX_SESSION_TIMEOUT))
def test_milliseconds_are_near_and_never_none(seconds):
    sent = milliseconds(seconds)
    assert 1 <= sent <= 2**31 - 1
    assert abs(sent - seconds * 1000) <= 1


def test_the_limits_are_the_wires():
    assert milliseconds(MAX_SESSION_TIMEOUT) == 2**31 - 1
    assert milliseconds(MAX_TTL_MS / 1000) == 2**40 - 1
