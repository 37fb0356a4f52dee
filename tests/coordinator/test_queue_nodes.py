"""Names of the nodes that stand in line."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordinator._queue_nodes import in_line, of_ours, own_prefix

GUID = "2f9c4a3e-5b1d-4c8e-9a7f-0123456789ab"


def names(children):
    return [node.name for node in in_line(children)]


@pytest.mark.parametrize(
    ("name", "sequence"),
    [
        (f"_c_{GUID}-lock-0000000007", 7),  # ours, and Curator's
        (f"_c_{GUID.replace('-', '')}-lock-0000000007", 7),  # go-zookeeper's
        (f"{GUID.replace('-', '')}__lock__0000000007", 7),  # kazoo's
        (f"_c_{GUID}-latch-0000000007", 7),  # Curator's LeaderLatch
        (f"_c_{GUID}-__READ__0000000007", 7),
        ("0000000007", 7),
        ("n0000000007", 7),
        ("n70000000008", 8),
        ("a-lock-2147483647", 2**31 - 1),
        ("a-lock--2147483648", -(2**31)),
        ("a-lock--1000000000", -1_000_000_000),
        ("a-lock--999999999", -999_999_999),
        ("a-lock--000000001", -1),
        ("a__lock__-2147483648", -(2**31)),
        ("a__lock__-000000001", -1),
    ],
)
def test_whoever_has_a_number_stands_in_line(name, sequence):
    assert in_line([name]) == [(sequence, name)]


@pytest.mark.parametrize(
    "name",
    ["", "config", "lock-", "lock-1", "lock-123456789", "lock-0000000001x", "lock-0000000001\n",
     "lock-2147483648", "lock--2147483649", "\u0660" * 10, "x-000000001"],
)  # fmt: skip
def test_whoever_has_none_does_not(name):
    assert in_line([name]) == []


def test_the_number_alone_orders_them_whoever_they_are():
    children = [
        "z-lock-0000000001",
        "ffff__lock__0000000002",
        f"_c_{GUID}-lock-0000000003",
        "a-lock-0000000010",
    ]
    shuffled = random.Random(1).sample(children, len(children))
    assert names([*shuffled, "leases", "config"]) == children


def server_s(number: int) -> str:
    """As Java's ``String.format("%010d", (int) number)``."""
    return f"a-lock-{(number + 2**31) % 2**32 - 2**31:010d}"


@given(st.integers(0, 2**32 - 1), st.lists(st.integers(0, 2**31 - 1), min_size=1, unique=True))
def test_the_order_is_that_in_which_they_came_around_the_end_of_the_counter(start, offsets):
    came = [server_s(start + offset) for offset in sorted(offsets)]
    around = any(start + a < 2**31 <= start + b for a in offsets for b in offsets)
    through_zero = any(start + a < 2**32 <= start + b for a in offsets for b in offsets)
    if not (around and through_zero):
        assert names(reversed(came)) == came


def test_the_first_behind_the_turn_comes_behind_the_last_before_it():
    assert names(["b-lock--2147483648", "a-lock-2147483647", "c-lock--2147483647"]) == [
        "a-lock-2147483647",
        "b-lock--2147483648",
        "c-lock--2147483647",
    ]


def test_ours_are_those_with_our_guid():
    mine = [f"{own_prefix(GUID)}{number:010d}" for number in (3, 12)]
    others = ["_c_00000000-0000-0000-0000-000000000000-lock-0000000001", f"{GUID}-lock-0000000002"]
    found = of_ours([mine[1], *others, mine[0], own_prefix(GUID)], GUID)
    assert [node.name for node in found] == mine
