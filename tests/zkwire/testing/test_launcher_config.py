"""What the launcher writes for a server, and what it refuses to write."""

from __future__ import annotations

import math
from pathlib import PurePosixPath

import pytest

from zkwire.testing._launcher._config import MemberPorts, jvm_flags, zoo_cfg
from zkwire.testing._launcher._request import Request

ONE = [MemberPorts(client=11, quorum=12, election=13)]
THREE = [
    MemberPorts(client=11, quorum=12, election=13),
    MemberPorts(client=21, quorum=22, election=23),
    MemberPorts(client=31, quorum=32, election=33),
]


def lines(request, *, member_id=1, ports=ONE):
    text = zoo_cfg(request, member_id=member_id, ports=ports, data_dir=PurePosixPath("/data"))
    pairs = [line.split("=", 1) for line in text.splitlines()]
    assert len(pairs) == len({key for key, _ in pairs}), "a key is written twice"
    return dict(pairs)


def test_one_member_is_a_plain_standalone_server():
    written = lines(Request())
    assert written["clientPort"] == "11"
    assert written["clientPortAddress"] == "127.0.0.1"
    assert not [key for key in written if key.startswith("server.")]


def test_an_ensemble_lists_every_member_with_its_client_address():
    written = lines(Request(members=3), member_id=2, ports=THREE)
    assert written["server.1"] == "127.0.0.1:12:13:participant;127.0.0.1:11"
    assert written["server.2"] == "127.0.0.1:22:23:participant;127.0.0.1:21"
    assert written["server.3"] == "127.0.0.1:32:33:participant;127.0.0.1:31"
    # Given twice, in two forms, the server would take the first and warn about the second.
    assert "clientPort" not in written


def test_defaults_suit_a_test():
    written = lines(Request(tick_time=0.2))
    assert written["tickTime"] == "200"
    assert written["maxClientCnxns"] == "0"
    assert written["admin.enableServer"] == "false"
    assert written["4lw.commands.whitelist"] == "*"
    assert written["reconfigEnabled"] == "true"
    assert written["standaloneEnabled"] == "true"
    assert written["dataDir"] == "/data"


@pytest.mark.parametrize("tick_time", [0.01, 0.05, 0.1, 0.2, 2.0, 60])
def test_a_short_tick_does_not_shorten_the_quorum_limits(tick_time):
    written = lines(Request(tick_time=tick_time))
    assert int(written["initLimit"]) * tick_time >= 15
    assert int(written["syncLimit"]) * tick_time >= 2


def test_extra_lines_are_laid_over_the_defaults():
    config = {"syncLimit": 7, "readonlymode.enabled": True, "maxSessionTimeout": 1234}
    written = lines(Request(config=config))
    assert written["syncLimit"] == "7"
    assert written["readonlymode.enabled"] == "true"
    assert written["maxSessionTimeout"] == "1234"


def test_system_properties_of_the_caller_win():
    flags = jvm_flags(Request(system_properties={"zookeeper.forceSync": "yes", "a.b": "c d"}))
    assert "-Dzookeeper.forceSync=yes" in flags
    assert "-Dzookeeper.forceSync=no" not in flags
    assert "-Da.b=c d" in flags
    assert "-Dzookeeper.extendedTypesEnabled=true" in flags
    assert "-Xmx256m" in flags


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("clientPort", "chooses the port"),
        ("CLIENTPORT", "chooses the port"),
        ("clientPortAddress", "127.0.0.1 alone"),
        ("dataDir", "chooses the directory"),
        ("tickTime", "tick_time="),
        ("dynamicConfigFile", "member list"),
        ("server.1", "member list"),
        ("-Dzookeeper.x", "system_properties"),
        ("two words", "not a zoo.cfg key"),
        ("line\nbreak", "not a zoo.cfg key"),
        ("", "not a zoo.cfg key"),
    ],
)
def test_lines_that_belong_to_the_launcher_are_refused(key, reason):
    with pytest.raises(ValueError, match=reason):
        Request(config={key: "1"})


@pytest.mark.parametrize(
    ("arguments", "error", "reason"),
    [
        ({"members": 0}, ValueError, "1..7, not 0"),
        ({"members": 8}, ValueError, "1..7, not 8"),
        ({"members": True}, TypeError, "members must be an int, not bool"),
        ({"members": 3.0}, TypeError, "members must be an int, not float"),
        ({"tick_time": 0}, ValueError, "tick_time must be in"),
        ({"tick_time": math.nan}, ValueError, "tick_time must be in"),
        ({"tick_time": math.inf}, ValueError, "tick_time must be in"),
        ({"tick_time": 200}, ValueError, "tick_time must be in"),
        ({"tick_time": "0.2"}, TypeError, "tick_time must be seconds, not str"),
        ({"tick_time": True}, TypeError, "tick_time must be seconds, not bool"),
        ({"version": "3"}, ValueError, "version must look like"),
        ({"version": "3.9.5/../x"}, ValueError, "version must look like"),
        ({"config": {"a": "b\nc"}}, ValueError, "line break"),
        ({"system_properties": {"-Da": "b"}}, ValueError, "not a name"),
        ({"system_properties": {"a": "b\nc"}}, ValueError, "line break"),
    ],
)
def test_bad_arguments_are_refused_by_name(arguments, error, reason):
    with pytest.raises(error, match=reason):
        Request(**arguments)


@pytest.mark.parametrize(
    ("wanted", "actual", "accepted"),
    [
        ("3.9", "3.9.5", True),
        ("3.9", "3.8.0", True),  # the default is a preference
        ("3.8", "3.8.0", True),
        ("3.8", "3.9.5", False),
        ("3.8.6", "3.8.6", True),
        ("3.8.6", "3.8.0", False),
        ("3.6", "3.60.1", False),
        ("3.6", "unknown", False),
    ],
)
def test_which_versions_serve_a_request(wanted, actual, accepted):
    assert Request(version=wanted).accepts_version(actual) is accepted
