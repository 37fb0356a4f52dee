"""Four-letter words: addresses, answers, and servers that give none."""

from __future__ import annotations

import pytest

from zkwire.testing._launcher._words import ask, parse_report, split_address


@pytest.mark.parametrize(
    ("address", "parts"),
    [
        ("127.0.0.1:2181", ("127.0.0.1", 2181)),
        ("localhost:1", ("localhost", 1)),
        ("[::1]:65535", ("::1", 65535)),
    ],
)
def test_addresses(address, parts):
    assert split_address(address) == parts


@pytest.mark.parametrize(
    "address", ["", "host", "host:", ":1", "host:0", "host:65536", "host:-1", "host:x", "host:²"]
)
def test_bad_addresses_are_named(address):
    with pytest.raises(ValueError, match=r"host:port|1\.\.65535"):
        split_address(address)


@pytest.mark.parametrize("word", ["", "RUOK", "ruo", "ruok\n", "ruokk", "ru k"])
def test_a_bad_word_is_refused_before_it_is_sent(word):
    with pytest.raises(ValueError, match="four lower-case letters"):
        ask("127.0.0.1:1", word)


def test_a_report_of_a_serving_server():
    answer = (
        "Zookeeper version: 3.9.5-abc, built on 2025-01-01 00:00 UTC\n"
        "Latency min/avg/max: 0/0.0/0\nMode: follower\nNode count: 5\n"
    )
    report = parse_report(answer)
    assert (report.version, report.mode) == ("3.9.5", "follower")


@pytest.mark.parametrize(
    "answer",
    [
        "This ZooKeeper instance is not currently serving requests\n",
        "srvr is not executed because it is not in the whitelist.\n",
        "",
    ],
)
def test_a_report_of_a_server_that_says_nothing_useful(answer):
    report = parse_report(answer)
    assert (report.version, report.mode) == ("unknown", "not serving")
