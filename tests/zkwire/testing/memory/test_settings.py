from __future__ import annotations

import pytest

from zkwire.testing._memory._settings import Settings


def test_defaults():
    settings = Settings.from_config(tick_time=0.2)
    assert (settings.min_session_timeout_ms, settings.max_session_timeout_ms) == (400, 4_000)
    assert (settings.tick_ms, settings.election_time, settings.standalone) == (200, 0.2, True)
    assert settings.words == {"ruok", "srvr", "stat", "mntr", "isro"}
    assert (settings.extended_types, settings.enforce_quota) == (True, False)
    assert Settings.from_config() == Settings()


def test_every_key():
    settings = Settings.from_config(
        {
            "minSessionTimeout": "100",
            "maxSessionTimeout": 60_000,
            "readonlymode.enabled": "TRUE",
            "localSessionsEnabled": True,
            "zookeeper.extendedTypesEnabled": "false",
            "enforceQuota": True,
            "reconfigEnabled": False,
            "4lw.commands.whitelist": "ruok, cons",
            "jute.maxbuffer": "0x1000",
            "maxClientCnxns": 0,
            "initLimit": 3,
            "syncLimit": 2,
            "znode.container.checkIntervalMs": 1500,
            "DigestAuthenticationProvider.superDigest": "super:hash",
        },
        members=3,
        election_time=0.5,
    )
    assert settings == Settings(
        server_ids=(1, 2, 3),
        min_session_timeout_ms=100,
        max_session_timeout_ms=60_000,
        read_only_mode=True,
        local_sessions=True,
        extended_types=False,
        enforce_quota=True,
        words=frozenset({"ruok", "cons"}),
        max_buffer=4096,
        max_client_connections=0,
        init_limit=3,
        sync_limit=2,
        election_time=0.5,
        container_check_interval=1.5,
        super_digest="super:hash",
    )
    assert not settings.standalone
    assert "hash" not in repr(settings)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("snapCount", 1),
        ("tickTime", 2000),
        ("minSessionTimeout", 0),
        ("minSessionTimeout", 1.5),
        ("minSessionTimeout", True),
        ("minSessionTimeout", 50_000),
        ("maxSessionTimeout", "soon"),
        ("maxSessionTimeout", float("inf")),
        ("enforceQuota", "yes"),
        ("reconfigEnabled", "true"),
        ("4lw.commands.whitelist", "ruok,what"),
        ("jute.maxbuffer", 0),
        ("maxClientCnxns", -1),
        ("initLimit", 2**31),
        ("znode.container.checkIntervalMs", 0),
        ("DigestAuthenticationProvider.superDigest", "nocolon"),
    ],
)
def test_bad_lines_are_named(key, value):
    with pytest.raises(ValueError, match=key):
        Settings.from_config({key: value})


def test_the_super_users_digest_is_not_told():
    with pytest.raises(ValueError, match="superDigest") as caught:
        Settings.from_config({"DigestAuthenticationProvider.superDigest": "sesame"})
    assert "sesame" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("members", 0),
        ("members", 8),
        ("members", True),
        ("tick_time", 0.0),
        ("tick_time", float("nan")),
        ("election_time", -1.0),
    ],
)
def test_bad_arguments_are_named(name, value):
    with pytest.raises(ValueError, match=name):
        Settings.from_config(**{name: value})
