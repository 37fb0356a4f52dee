"""The way of clients to an isolated server: what it must not change about a connection."""

from __future__ import annotations

import errno
import os
import socket
import struct
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from isolation import needs_namespaces
from zkwire.testing._launcher import _forwarder
from zkwire.testing._launcher._namespaces import Namespace
from zkwire.testing._launcher._ports import lease_ports
from zkwire.testing._launcher._spawn import spawn

LIMIT = 30.0


pytestmark = needs_namespaces


@pytest.fixture
def inside():
    namespace = Namespace()
    namespace.run("ip", "link", "set", "lo", "up")
    with closing(namespace):
        yield namespace


@pytest.fixture
def port(inside, tmp_path):
    """A port that a forwarder forwards, and nobody listens on yet."""
    (lease,) = lease_ports(1)
    script = str(Path(_forwarder.__file__))
    process = spawn(
        [sys.executable, "-I", "-S", script, inside.path, str(lease.port)],
        log=tmp_path / "log",
        cwd=tmp_path,
    )
    yield lease.port
    ended = process.poll()
    process.kill()
    process.wait(LIMIT)
    lease.release()
    assert ended is None, (tmp_path / "log").read_text()


def _listen(inside, port):
    listener = inside.call(lambda: socket.create_server(("127.0.0.1", port)))
    listener.settimeout(LIMIT)
    return listener


def _connect(port):
    """Connect as soon as the forwarder has seen that somebody listens."""
    deadline = time.monotonic() + LIMIT
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=LIMIT)
        except ConnectionRefusedError:
            assert time.monotonic() < deadline
            time.sleep(0.01)


@pytest.fixture
def pair(inside, port):
    with (
        closing(_listen(inside, port)) as listener,
        closing(_connect(port)) as client,
        closing(listener.accept()[0]) as server,
    ):
        server.settimeout(LIMIT)
        yield client, server


def _reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def _all_of(connection):
    data = bytearray()
    while chunk := connection.recv(65_536):
        data += chunk
    return bytes(data)


@pytest.mark.parametrize("first", [0, 1])
def test_the_end_of_one_direction_leaves_the_other_open(pair, first):
    one, other = pair[first], pair[1 - first]
    one.sendall(b"a question")
    one.shutdown(socket.SHUT_WR)
    assert _all_of(other) == b"a question"
    other.sendall(b"its answer")
    other.shutdown(socket.SHUT_WR)
    assert _all_of(one) == b"its answer"


@pytest.mark.parametrize("who", [0, 1])
def test_a_reset_arrives_as_a_reset(pair, who):
    _reset(pair[who])
    with pytest.raises(ConnectionResetError):
        pair[1 - who].recv(1)


def test_more_than_all_buffers_hold_arrives_whole_in_both_directions(pair):
    sent = os.urandom(16_000_000)
    received = {}

    def read(name, connection):
        received[name] = _all_of(connection)

    def write(connection):
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)

    client, server = pair
    writers = [threading.Thread(target=write, args=[each]) for each in pair]
    for each in writers:
        each.start()
    readers = [
        threading.Thread(target=read, args=["client", client]),
        threading.Thread(target=read, args=["server", server]),
    ]
    for each in readers:
        each.start()
    for each in (*writers, *readers):
        each.join(LIMIT)
    assert received == {"client": sent, "server": sent}


def test_a_port_is_open_while_its_server_listens(inside, port):
    def refuses():
        with closing(socket.socket()) as probe:
            return probe.connect_ex(("127.0.0.1", port)) == errno.ECONNREFUSED

    assert refuses()
    for _ in range(2):
        listener = _listen(inside, port)
        _connect(port).close()
        listener.close()
        deadline = time.monotonic() + LIMIT
        while not refuses():
            assert time.monotonic() < deadline
            time.sleep(0.01)
