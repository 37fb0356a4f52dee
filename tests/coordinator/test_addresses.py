import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordinator._addresses import ServerAddress, parse_servers
from coordinator._errors import ConfigurationError

LONGEST_LABEL = "a" * 63


def parse_one(text):
    (address,) = parse_servers([text])
    return address


# What Burrow's own tables, and its compiled validation, accept.
ACCEPTED = [
    ("1.2.3.4:3453", "1.2.3.4", 3453),
    ("127.0.0.1:2342", "127.0.0.1", 2342),
    ("204.27.175.1:4", "204.27.175.1", 4),
    ("255.255.255.255:2181", "255.255.255.255", 2181),
    (
        "[2001:0db8:0a0b:12f0:0000:0000:0000:0001]:4356",
        "2001:0db8:0a0b:12f0:0000:0000:0000:0001",
        4356,
    ),
    ("[2001:db8:a0b:12f0::1]:234", "2001:db8:a0b:12f0::1", 234),
    ("[2001:db8::1]:3453", "2001:db8::1", 3453),
    ("[2001:db8::2:1]:2181", "2001:db8::2:1", 2181),
    ("[2001:db8:0:1:1:1:1:1]:2181", "2001:db8:0:1:1:1:1:1", 2181),
    ("[::ffff:1.2.3.4]:2181", "::ffff:1.2.3.4", 2181),
    ("hostname:3432", "hostname", 3432),
    ("host0:4234", "host0", 4234),
    ("host.example.com:23", "host.example.com", 23),
    ("example.com:2181", "example.com", 2181),
    ("800.labels.may.begin.with.digits.org:2181", "800.labels.may.begin.with.digits.org", 2181),
    ("swarm-stack_zk-service:2181", "swarm-stack_zk-service", 2181),
    ("my_svc:80", "my_svc", 80),
    ("[host]:2181", "host", 2181),
    ("[1.2.3.4]:2181", "1.2.3.4", 2181),
    ("HOST:80", "HOST", 80),
    (f"{LONGEST_LABEL}.example.com:80", f"{LONGEST_LABEL}.example.com", 80),
    ("host:02181", "host", 2181),
]


@pytest.mark.parametrize(("text", "host", "port"), ACCEPTED)
def test_accepted(text, host, port):
    assert parse_one(text) == ServerAddress(host, port)


REJECTED = [
    # hosts: addresses
    ("256.1.2.3:3743", "IPv4"),
    ("1.2.3.4.5:2452", "IPv4"),
    ("01.2.3.4:80", "IPv4"),
    ("1:80", "IPv4"),
    ("2001:db8:0:1:1:1:1:1:3453", "brackets"),
    ("[2001:0db8:0a0b:12f0:0000:0000:0000:0001:0004]:4533", "IPv6"),
    ("[fe80::1%eth0]:2181", "zone"),
    # hosts: names
    (f"{LONGEST_LABEL}a.example.com:36334", "host name"),
    ("underscores_are.not.valid.com:3453", "host name"),
    ("label-.ends.with.dash.com:80", "host name"),
    ("-label.begins.with.dash.com:80", "host name"),
    ("has spaces.com:80", "host name"),
    ("swarm_service.with.dots:80", "host name"),
    ("swarm-_service:80", "host name"),
    ("swarm_-service:80", "host name"),
    ("swarm_service_:80", "host name"),
    ("_swarm_service:80", "host name"),
    ("a_b_c:80", "host name"),
    ("my_svc.dom:80", "host name"),
    ("host.:80", "host name"),
    ("höst:80", "host name"),
    # shape
    ("localhost", "port is missing"),
    ("notanip", "port is missing"),
    ("[::1]", "port is missing"),
    ("", "port is missing"),
    ("host:", "port must be"),
    ("host: 2181", "port must be"),
    ("hostname:notnumeric", "port must be"),
    (":2181", "host is missing"),
    ("[]:2181", "host is missing"),
    ("host:2181/chroot", "root_path"),
    ("zk://host:2181", "root_path"),
    ("a:1,b:2", "one server per element"),
    ("host:1:2", "brackets"),
    ("[::1]2181", "must be 'host:port'"),
    ("[[::1]]:2181", "must be 'host:port'"),
    ("ho]st:2181", "must be 'host:port'"),
    # a trailing newline, wherever `$` would have let it through
    ("host:2181\n", "port must be"),
    ("host\n:2181", "host name"),
    ("1.2.3.4\n:2181", "host name"),
    ("[::1\n]:2181", "IPv6"),
]


@pytest.mark.parametrize(("text", "reason"), REJECTED)
def test_rejected(text, reason):
    with pytest.raises(ConfigurationError) as caught:
        parse_one(text)
    message = str(caught.value)
    assert message.startswith(f"servers: {text!r}: ")
    assert reason in message


# Burrow accepts all of these.
STRICTER_THAN_BURROW = [
    ("host:0", "port must be 1 to 65535"),
    ("host:-1", "port must be 1 to 65535, in ASCII digits only"),
    ("host:+2181", "port must be 1 to 65535, in ASCII digits only"),
    ("host:99999", "port must be 1 to 65535"),
    ("host:65536", "port must be 1 to 65535"),
    (f"{10**30}:80", "not a valid IPv4 address"),
]


@pytest.mark.parametrize(("text", "rule"), STRICTER_THAN_BURROW)
def test_rejected_though_burrow_accepts(text, rule):
    with pytest.raises(ConfigurationError) as caught:
        parse_one(text)
    assert str(caught.value) == f"servers: {text!r}: {rule}"


@pytest.mark.parametrize(
    "port", ["٢١٨١", "\uff12\uff11\uff18\uff11", "²", "1_0", "0x10", " 80", "80 "]
)
def test_port_is_ascii_digits(port):
    with pytest.raises(ConfigurationError, match="ASCII digits"):
        parse_one(f"host:{port}")


@pytest.mark.parametrize("port", ["9" * 5000, "0" * 5000])
def test_absurdly_long_port(port):
    with pytest.raises(ConfigurationError, match="port must be 1 to 65535"):
        parse_one(f"host:{port}")


def test_leading_zeros_do_not_count():
    assert parse_one("host:" + "0" * 5000 + "1").port == 1


@given(st.integers(1, 65535))
def test_every_port_in_range(port):
    assert parse_one(f"host:{port}") == ServerAddress("host", port)


def test_order_is_kept_and_the_result_is_a_tuple():
    expected = (ServerAddress("zk2", 2181), ServerAddress("zk1", 2181))
    assert parse_servers(["zk2:2181", "zk1:2181"]) == expected
    assert parse_servers(("zk2:2181", "zk1:2181")) == expected


def test_one_host_may_have_two_ports():
    assert len(parse_servers(["zk:2181", "zk:2182"])) == 2


@pytest.mark.parametrize("again", ["zk1:2181", "[zk1]:2181", "zk1:02181"])
def test_duplicate_is_refused(again):
    with pytest.raises(ConfigurationError, match="elements 0 and 2") as caught:
        parse_servers(["zk1:2181", "zk2:2181", again])
    assert repr(again) in str(caught.value)


@pytest.mark.parametrize("text", ["zk1:2181", "zk1:2181,zk2:2181", ""])
def test_plain_string_is_refused_with_the_remedy(text):
    with pytest.raises(ConfigurationError, match="pass a list"):
        parse_servers(text)


@pytest.mark.parametrize("empty", [[], ()])
def test_empty_list_is_refused(empty):
    with pytest.raises(ConfigurationError) as caught:
        parse_servers(empty)
    assert str(caught.value) == f"servers: {empty!r}: at least one server is needed"


@pytest.mark.parametrize(
    ("servers", "kind"),
    [
        (None, "NoneType"),
        (2181, "int"),
        (b"zk1:2181", "bytes"),
        (bytearray(b"zk1:2181"), "bytearray"),
        ({"zk1:2181"}, "set"),
        ({"zk1:2181": 1}, "dict"),
    ],
)
def test_not_a_list(servers, kind):
    with pytest.raises(ConfigurationError) as caught:
        parse_servers(servers)
    message = str(caught.value)
    assert message.startswith(f"servers: {servers!r}: ")
    assert message.endswith(f"not {kind}")


@pytest.mark.parametrize(
    ("element", "kind"),
    [
        (True, "bool"),
        (None, "NoneType"),
        (b"zk2:2181", "bytes"),
        (2181, "int"),
        (("zk2", 2181), "tuple"),
    ],
)
def test_element_of_a_wrong_type_names_index_and_type(element, kind):
    with pytest.raises(ConfigurationError) as caught:
        parse_servers(["zk1:2181", element])
    rule = f"must be a 'host:port' string, not {kind}"
    assert str(caught.value) == f"servers[1]: {element!r}: {rule}"


@pytest.mark.parametrize(
    ("address", "text"),
    [
        (ServerAddress("zk1", 2181), "zk1:2181"),
        (ServerAddress("1.2.3.4", 80), "1.2.3.4:80"),
        (ServerAddress("::1", 2181), "[::1]:2181"),
    ],
)
def test_str_parses_back(address, text):
    assert str(address) == text
    assert parse_one(text) == address


NEAR_MISSES = st.text(alphabet="1ab.-_:[]%,/+ \n" + string.digits + "é", max_size=20)


@given(NEAR_MISSES | st.text(max_size=20))
def test_any_string_is_an_address_or_a_configuration_error(text):
    try:
        address = parse_one(text)
    except ConfigurationError:
        return
    assert parse_one(str(address)) == address
    assert 1 <= address.port <= 65535
    assert address.host.isascii()
    assert not set(address.host) & set("[]%,/+ \n")
