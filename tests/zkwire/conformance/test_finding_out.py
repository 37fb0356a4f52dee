"""Reading what a server says about itself, and what a user types."""

from __future__ import annotations

import pytest

from zkwire.conformance import Address, Version, parse_address, parse_version
from zkwire.conformance._target import others_in
from zkwire.conformance._version import said_version


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("3.9.5", (3, 9, 5)),
        ("3.9", (3, 9, 0)),
        ("3.10.0-SNAPSHOT", (3, 10, 0)),
        ("3.8.0-11+deb12u2", (3, 8, 0)),
    ],
)
def test_versions(text, version):
    assert parse_version(text) == Version(*version)


@pytest.mark.parametrize("text", ["", "three", "3", "v3.9"])
def test_what_is_no_version(text):
    with pytest.raises(ValueError, match="is not a version"):
        parse_version(text)


def test_the_version_in_srvr():
    said = "Zookeeper version: 3.8.6-abc, built on 2025-01-01\nMode: standalone\n"
    assert said_version(said) == Version(3, 8, 6)
    assert said_version("srvr is not executed because it is not in the whitelist.\n") is None


@pytest.mark.parametrize(
    ("text", "address"),
    [("localhost:2181", ("localhost", 2181)), ("[::1]:2181", ("::1", 2181))],
)
def test_addresses(text, address):
    assert parse_address(text) == Address(*address)
    assert str(parse_address(text)) == text


@pytest.mark.parametrize(
    "text", ["", "localhost", ":1", "h:0", "h:65536", "h:x", "::1:2181", "[::1:1"]
)
def test_what_is_no_address(text):
    with pytest.raises(ValueError, match=r"address|port|brackets"):
        parse_address(text)


def test_the_other_members_of_an_ensemble():
    config = (
        "server.1=127.0.0.1:2888:3888:participant;127.0.0.1:2181\n"
        "server.2=10.0.0.2:2888:3888:participant;0.0.0.0:2182\n"
        "server.3=10.0.0.3:2888:3888:observer;2183\n"
        "server.4=[fd00::4]:2888:3888:participant;[::]:2184\n"
        "server.5=10.0.0.5:2888:3888:participant\n"
        "version=100000000"
    )
    assert others_in(config, Address("127.0.0.1", 2181)) == (
        Address("10.0.0.2", 2182),
        Address("10.0.0.3", 2183),
        Address("fd00::4", 2184),
    )
