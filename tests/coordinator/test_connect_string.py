import pytest

from coordinator import ConfigurationError, parse_connect_string


@pytest.mark.parametrize(
    ("text", "servers", "root_path"),
    [
        ("zk1:2181,zk2:2182/app", ["zk1:2181", "zk2:2182"], "/app"),
        ("zk1,zk2", ["zk1:2181", "zk2:2181"], "/"),
        ("zk1:", ["zk1:2181"], "/"),
        (" zk1:1 , , zk2:2 ", ["zk1:1", "zk2:2"], "/"),
        ("[::1],[fe80::1]:2182/a/b", ["[::1]:2181", "[fe80::1]:2182"], "/a/b"),
        ("zk1:2181/", ["zk1:2181"], "/"),
    ],
)
def test_what_is_taken(text, servers, root_path):
    assert parse_connect_string(text) == (servers, root_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "names no server"),
        ("/app", "names no server"),
        (",", "names no server"),
        (b"zk1:2181", "must be a str, not bytes"),
        ("zk1:2181/app/", "must not end with '/'"),
        ("zk1:2181,zk2:2181/app,zk3:2181", "segment 'app,zk3:2181' must be"),
        ("zk1:99999", "port must be 1 to 65535"),
        ("::1", "an IPv6 address goes in brackets"),
        ("zk1:1,zk1:1", "listed twice"),
    ],
)
def test_what_is_refused(text, message):
    with pytest.raises(ConfigurationError, match=message):
        parse_connect_string(text)
