"""``zkwire serve``: a process that says where it serves, and ends when it is told to."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from contextlib import asynccontextmanager

import pytest
import trio

import zkwire
import zkwire.__main__
import zkwire.testing._serve._cli
from zkwire import CreateMode

COMMAND = [sys.executable, "-m", "zkwire", "serve"]
LIMIT = 60
"""Seconds for an interpreter to start on a busy machine."""


@asynccontextmanager
async def command(*arguments: str):
    """The command and its first line; ended by SIGKILL, if nothing else has."""
    process = await trio.lowlevel.open_process(
        [*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        with trio.fail_after(LIMIT):
            line = b""
            while not line.endswith(b"\n"):
                chunk = await process.stdout.receive_some()
                assert chunk, "the command ended early"
                line += chunk
            yield process, line.decode()
    finally:
        with trio.CancelScope(shield=True):
            if process.poll() is None:
                process.kill()
            await process.wait()
            await process.stdout.aclose()
            await process.stderr.aclose()


def servers_of(line: str) -> list[tuple[str, int]]:
    assert line.startswith("ready at ")
    split = [each.rpartition(":") for each in line.removeprefix("ready at ").strip().split(",")]
    return [(host, int(port)) for host, _, port in split]


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
async def test_it_serves_until_it_is_told_to_end(ending):
    async with command("--port", "0") as (process, line):
        ((host, port),) = servers_of(line)
        async with zkwire.open_connection(host, port, session_timeout=10.0) as connection:
            await connection.create("/n", b"x", CreateMode.EPHEMERAL)
            process.send_signal(ending)
            with trio.fail_after(LIMIT):
                assert await process.wait() == 0
            with pytest.raises(zkwire.ConnectionLost):
                await connection.get("/n")
        with trio.fail_after(LIMIT):
            assert await process.stderr.receive_some() == b""
            assert await process.stdout.receive_some() == b""
        with pytest.raises(OSError, match="failed"):
            await trio.open_tcp_stream(host, port)


async def test_it_serves_as_an_ensemble_with_its_own_tick():
    async with command("--port", "0", "--members", "3", "--tick-time", "0.1") as (_, line):
        found = servers_of(line)
        assert len(set(found)) == 3
        async with zkwire.open_connection(*found[0], session_timeout=60.0) as first:
            assert first.session.negotiated_timeout == 2.0
            await first.create("/n", b"x")
        async with zkwire.open_connection(*found[2], session_timeout=60.0) as last:
            assert (await last.get("/n"))[0] == b"x"


async def test_it_is_configured_by_lines_of_zoo_cfg():
    lines = ("--config", "minSessionTimeout=700", "--config", "maxSessionTimeout = 900")
    async with command("--port", "0", *lines) as (_, line):
        for asked, granted in ((0.1, 0.7), (5.0, 0.9)):
            async with zkwire.open_connection(
                *servers_of(line)[0], session_timeout=asked
            ) as connection:
                assert connection.session.negotiated_timeout == granted


def run(monkeypatch, capsys, *arguments):
    monkeypatch.setattr(sys, "argv", ["zkwire", "serve", *arguments])
    with pytest.raises(SystemExit) as ended:
        zkwire.__main__.main()
    return ended.value.code, capsys.readouterr()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--config", "nonsense=1"], "nonsense: unknown here"),
        (["--config", "minSessionTimeout=soon"], "minSessionTimeout: a whole number"),
        (["--config", "minSessionTimeout"], "is not KEY=VALUE"),
        (["--members", "8"], "8 is not in the range"),
        (["--tick-time", "0"], "0.0 is not in the range"),
        (["--port", "65536"], "65536 is not in the range"),
        (["--port", "65535", "--members", "3"], "port: 0 to 65533"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(monkeypatch, capsys, arguments, words):
    status, captured = run(monkeypatch, capsys, *arguments)
    assert status == 2
    assert words in captured.err
    assert captured.out == ""


def test_a_port_that_is_taken_is_an_error(monkeypatch, capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        status, captured = run(monkeypatch, capsys, "--port", str(port))
    assert status == 1
    assert f"cannot listen at 127.0.0.1:{port}" in captured.err


def test_what_it_says_without_the_extra(monkeypatch, capsys):
    monkeypatch.delitem(sys.modules, "zkwire.testing._serve._cli")
    monkeypatch.delattr("zkwire.testing._serve._cli")
    monkeypatch.setitem(sys.modules, "click", None)
    monkeypatch.setattr(sys, "argv", ["zkwire", "serve"])
    assert zkwire.__main__.main() == 2
    assert "click, which is not installed: pip install 'zkwire[cli]'" in capsys.readouterr().err


def test_the_test_kit_is_no_reason_to_import_click():
    code = "import sys, zkwire.testing; sys.exit('click' in sys.modules)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    assert (
        subprocess.run([sys.executable, "-c", code], env=environment, check=False).returncode == 0
    )
