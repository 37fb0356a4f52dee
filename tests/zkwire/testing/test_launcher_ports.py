"""Leased ports: never twice, and still ours while nothing listens."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from socket import SO_REUSEADDR, SOL_SOCKET, socket

import pytest

from zkwire.testing._launcher import _ports
from zkwire.testing._launcher._ports import lease_ports


@pytest.fixture
def leases():
    taken = []
    yield taken
    for lease in taken:
        lease.release()


def narrow(monkeypatch, ports):
    monkeypatch.setattr(_ports, "_LOWEST", min(ports))
    monkeypatch.setattr(_ports, "_highest", lambda: max(ports))


def test_a_lease_is_free_to_bind_and_below_the_ephemeral_range(leases):
    leases += lease_ports(5)
    assert len({lease.port for lease in leases}) == 5
    for lease in leases:
        assert _ports._LOWEST <= lease.port <= _ports._highest()
        with closing(socket()) as server:
            server.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
            server.bind(("127.0.0.1", lease.port))
            server.listen()


def test_a_leased_port_is_not_leased_again_until_it_is_released(leases, monkeypatch):
    leases += lease_ports(1)
    (lease,) = leases
    narrow(monkeypatch, [lease.port])
    with pytest.raises(OSError, match="no 1 free ports"):
        lease_ports(1)
    lease.release()
    lease.release()
    leases += lease_ports(1)
    assert leases[-1].port == lease.port


def test_another_process_sees_the_lease(leases, monkeypatch):
    leases += lease_ports(1)
    port = leases[0].port
    program = (
        "import sys; from zkwire.testing._launcher._ports import _lease;"
        "sys.exit(0 if _lease(int(sys.argv[1])) is None else 1)"
    )
    assert subprocess.run([sys.executable, "-c", program, str(port)], check=False).returncode == 0


def test_a_port_that_something_listens_on_is_not_leased(leases, monkeypatch):
    leases += lease_ports(1)
    lease = leases.pop()
    with closing(socket()) as server:
        server.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", lease.port))
        server.listen()
        lease.release()
        narrow(monkeypatch, [lease.port])
        with pytest.raises(OSError, match="no 1 free ports"):
            lease_ports(1)


def test_too_few_ports_leave_none_leased(leases, monkeypatch):
    leases += lease_ports(1)
    lease = leases.pop()
    lease.release()
    narrow(monkeypatch, [lease.port])
    with pytest.raises(OSError, match="no 2 free ports"):
        lease_ports(2)
    leases += lease_ports(1)
    assert leases[0].port == lease.port
