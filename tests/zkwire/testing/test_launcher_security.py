"""What TLS and SASL add to a server, and what of it is refused."""

from __future__ import annotations

import ssl
import stat
import sys
from datetime import UTC, datetime
from pathlib import PurePosixPath

import pytest

from zkwire.testing import TlsFiles, ZooKeeperStartError, make_tls_files
from zkwire.testing._launcher._config import MemberPorts, jvm_flags, zoo_cfg
from zkwire.testing._launcher._request import Request
from zkwire.testing._launcher._security import PLAIN, jaas_file, prepare_security

PORTS = [MemberPorts(client=11, quorum=12, election=13, secure=14)]


def lines(request, security, ports=PORTS):
    text = zoo_cfg(
        request, member_id=1, ports=ports, data_dir=PurePosixPath("/data"), security=security
    )
    return dict(line.split("=", 1) for line in text.splitlines())


def test_without_either_nothing_is_added(tmp_path):
    security = prepare_security(Request(), tmp_path / "security")
    assert security == PLAIN
    assert not list(tmp_path.iterdir())
    plain = lines(Request(), security, [MemberPorts(client=11, quorum=12, election=13)])
    assert not [key for key in plain if key.startswith(("ssl.", "secure", "serverCnxn", "auth"))]
    assert (security.files, security.system_properties) == ([], {})


def test_tls_is_a_second_port_beside_the_plain_one(tmp_path):
    request = Request(tls=True, config={"ssl.clientAuth": "none"})
    security = prepare_security(request, tmp_path)
    written = lines(request, security)
    assert (written["clientPort"], written["secureClientPort"]) == ("11", "14")
    assert written["secureClientPortAddress"] == "127.0.0.1"
    assert written["ssl.keyStore.location"] == str(tmp_path / "server.pem")
    assert written["ssl.trustStore.location"] == str(tmp_path / "ca.pem")
    assert written["ssl.clientAuth"] == "none"
    assert written["serverCnxnFactory"].endswith(".NettyServerCnxnFactory")
    assert all(stat.S_ISREG(path.stat().st_mode) for path in security.files)


def test_files_of_ones_own_are_taken_as_they_are(tmp_path):
    files = TlsFiles(ca=tmp_path / "a", server=tmp_path / "b", client=tmp_path / "c")
    security = prepare_security(Request(tls=files), tmp_path / "security")
    assert security.tls is files
    assert lines(Request(tls=files), security)["ssl.keyStore.location"] == str(tmp_path / "b")


def test_users_are_in_a_file_and_nowhere_else(tmp_path):
    request = Request(sasl={"bob": "the-secret"})
    security = prepare_security(request, tmp_path)
    flags = jvm_flags(request, security.system_properties)
    assert f"-Djava.security.auth.login.config={tmp_path}/jaas.conf" in flags
    written = lines(request, security)
    assert written["authProvider.1"].endswith(".SASLAuthenticationProvider")
    assert "the-secret" in security.jaas.read_text()
    assert "the-secret" not in f"{request!r}{security!r}{written}{flags}"


def test_a_jaas_file_quotes_passwords():
    text = jaas_file({"a": 'x"y\\z', "b": "plain"})
    assert r'user_a="x\"y\\z"' in text
    assert text.endswith('user_b="plain";\n};\n')


def test_certificates_are_good_for_their_names_and_time(tmp_path):
    files = make_tls_files(
        tmp_path / "new", names=["zk1.test"], not_after=datetime(2020, 1, 1, tzinfo=UTC)
    )
    assert files.server.read_bytes().startswith(b"-----BEGIN PRIVATE KEY-----"), "PKCS #8"
    assert files.client_context().get_ca_certs()
    assert files.client_context().verify_mode is ssl.CERT_REQUIRED
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(files.server)


def test_without_trustme_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "trustme", None)
    with pytest.raises(ZooKeeperStartError, match=r"pip install 'zkwire\[testing\]'"):
        make_tls_files(tmp_path)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"tls": "yes"}, TypeError, "tls must be a bool or TlsFiles, not str"),
        ({"sasl": {"a b": "x"}}, ValueError, "'a b' is not a user name"),
        ({"sasl": {"": "x"}}, ValueError, "'' is not a user name"),
        ({"sasl": {"a": "the\nsecret"}}, ValueError, "the password of 'a' has a control character"),
        ({"config": {"secureClientPort": 1}}, ValueError, "use tls="),
        ({"config": {"secureClientPortAddress": "::"}}, ValueError, "listen on 127.0.0.1"),
    ],
)
def test_what_cannot_be_served_is_refused(arguments, error, words):
    with pytest.raises(error, match=words) as caught:
        Request(**arguments)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("arguments", [{"tls": True}, {"sasl": {"a": "b"}}, {"config": {"a": 1}}])
def test_any_server_will_not_do(arguments):
    assert Request().is_plain
    assert not Request(**arguments).is_plain
