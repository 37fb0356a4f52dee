from collections import Counter
from random import Random

import pytest

from coordinator import ServerAddress
from coordinator._hosts import HostRing

SERVERS = [ServerAddress(f"zk{number}", 2181) for number in range(5)]


def test_each_server_has_its_turn_in_each_round_in_an_order_that_stays():
    ring = HostRing(SERVERS, Random(3))
    assert len(ring) == 5
    first = [ring.next() for _ in SERVERS]
    assert sorted(first, key=str) == SERVERS
    assert [ring.next() for _ in SERVERS] == first


def test_clients_begin_with_different_servers():
    firsts = {HostRing(SERVERS, Random(seed)).next() for seed in range(50)}
    assert firsts == set(SERVERS)


def test_the_caller_s_list_is_left_alone():
    servers = list(SERVERS)
    HostRing(servers, Random(1)).next()
    assert servers == SERVERS


def test_a_server_that_was_lost_is_tried_when_the_others_have_been_twice():
    ring = HostRing(SERVERS[:3], Random(3))
    lost, *others = (ring.next() for _ in range(3))
    ring.next()
    ring.lost(lost)
    assert [ring.next() for _ in range(4)] == [*others, *others]
    assert ring.next() in SERVERS


def test_the_only_server_is_tried_again_when_it_was_lost():
    ring = HostRing(SERVERS[:1], Random(3))
    ring.lost(ring.next())
    assert ring.next() == SERVERS[0]


def test_what_is_left_of_an_earlier_loss_is_forgotten():
    ring = HostRing(SERVERS[:3], Random(3))
    one, two, three = (ring.next() for _ in range(3))
    ring.lost(one)
    assert ring.next() == two
    ring.lost(two)
    assert {ring.next() for _ in range(4)} == {one, three}


# --- another list (the probabilities of StaticHostProvider) ---------------------------------------


def some(first, last):
    return [ServerAddress(f"zk{number}", 2181) for number in range(first, last)]


def spread(before, after, clients=6000):
    """How many clients end up where, if they were spread evenly over the old list."""
    where = Counter()
    for client in range(clients):
        ring = HostRing(before, Random(client))
        current = before[client % len(before)]
        leaves = ring.replace(after, current)
        where[ring.next() if leaves else current] += 1
    return where


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (some(0, 3), some(0, 5)),  # grown
        (some(0, 5), some(0, 3)),  # shrunk
        (some(0, 3), some(2, 7)),  # grown, and two of three are gone
        (some(0, 5), some(3, 6)),  # shrunk, and one is new
        (some(0, 3), some(3, 6)),  # all of them others
    ],
)
def test_after_a_change_the_load_is_even_again(before, after):
    where = spread(before, after)
    assert set(where) == set(after)
    even = 6000 / len(after)
    assert all(abs(count - even) < 0.12 * even for count in where.values())


def test_nobody_leaves_a_server_that_stays_when_the_list_does_not_grow():
    for seed in range(100):
        ring = HostRing(some(0, 4), Random(seed))
        assert not ring.replace(some(0, 3), some(0, 1)[0])


def test_who_leaves_tries_each_server_once_and_then_goes_round():
    ring = HostRing(some(0, 3), Random(1))
    assert ring.replace(some(3, 6), some(0, 1)[0])
    assert sorted([ring.next() for _ in range(3)], key=str) == some(3, 6)
    round_robin = [ring.next() for _ in range(3)]
    assert sorted(round_robin, key=str) == some(3, 6)
    assert [ring.next() for _ in range(3)] == round_robin


def test_without_a_connection_there_is_nothing_to_leave():
    ring = HostRing(some(0, 3), Random(1))
    assert not ring.replace(some(3, 6), None)
    assert ring.next() in some(3, 6)
    assert len(ring) == 3


def test_a_preferred_server_comes_next_once():
    ring = HostRing(SERVERS, Random(1))
    first = ring.next()
    ring.prefer(SERVERS[2])
    assert ring.next() == SERVERS[2]
    assert [ring.next() for _ in range(4)] == [s for s in ring.servers if s != first]
