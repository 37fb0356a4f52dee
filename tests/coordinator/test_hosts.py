from random import Random

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
