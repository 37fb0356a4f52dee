"""Probes as processes: what they tell is taken in, and they end with the block."""

from __future__ import annotations

import os
import sys
import time

import pytest
import trio
from bench.harness.contender import NotMeasured
from bench.timeouts import _probes
from bench.timeouts._events import ProbeEvent, Sessions, clock_offset, parsed
from bench.timeouts._probes import ProbeEndedError, open_probes

from zkwire.testing import AsyncEnsemble

TELLS = """
import json, sys, time
servers, timeout, path, sessions, spread, *more = sys.argv[1:]
for i in range(int(sessions)):
    for event, rest in (("connected", {"id": f"0x{i}", "to": path}), ("answered", {})):
        print(json.dumps({"t": time.monotonic_ns(), "i": i, "e": event, **rest}), flush=True)
print(json.dumps({"t": 0, "i": 0, "e": "ephemeral", "raw": repr(more)}), flush=True)
sys.stdin.read()
"""
DIES = "import sys; sys.exit('the peer has no library')"
PRATTLES = "print('hello', flush=True); input()"


@pytest.fixture
def programs(monkeypatch):
    """Probes that are no client's, by name."""
    known = {"coordinator": TELLS, "C": TELLS, "Go": DIES, "Rust": PRATTLES}

    def command(name):
        if name not in known:
            raise NotMeasured("there is no compiler")
        return sys.executable, "-c", known[name]

    monkeypatch.setattr(_probes, "_command", command)


@pytest.mark.zk
async def test_probes_tell_and_end_with_the_block(programs, zookeeper):
    began = trio.current_time()
    names = ["coordinator", "Java", "C"]
    with trio.fail_after(30):
        async with open_probes(names, zookeeper.servers, 4.0, "/p/a", 3, 0.0) as probes:
            await probes.wait_all(lambda probe: probe.well() == 3)
            ours = probes.running["coordinator"]
            assert list(probes.running) == ["coordinator", "C"]
            assert probes.missing == {"Java": "there is no compiler"}
            assert ours.sessions() == {0: "0x0", 1: "0x1", 2: "0x2"}
            assert ours.path == ours.events[0].to == "/p/a/coordinator"
            assert began <= ours.events[0].t <= trio.current_time()
            pids = [probe.pid for probe in probes.running.values()]
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


@pytest.mark.zk
async def test_only_the_coordinator_is_asked_for_leases(programs, zookeeper):
    with trio.fail_after(30):
        async with open_probes(
            ["coordinator", "C"], zookeeper.servers, 4.0, "/p/b", 1, 0.0, lease=True, tick=0.5
        ) as probes:
            await probes.wait_all(lambda probe: len(probe.events) == 3)
            assert [each.events[2].raw for each in probes.running.values()] == [
                "['lease=0.5']",
                "[]",
            ]


@pytest.mark.zk
async def test_one_that_dies_is_missing_with_its_last_words(programs, zookeeper):
    with trio.fail_after(30):
        async with open_probes(["Go"], zookeeper.servers, 4.0, "/p/c", 1, 0.0) as probes:
            with pytest.raises(ProbeEndedError, match="the peer has no library"):
                await probes.running["Go"].wait(lambda probe: probe.well() == 1)
            await probes.wait_all(lambda probe: probe.well() == 1)
            assert not probes.running
            assert "status 1" in probes.missing["Go"]


@pytest.mark.zk
async def test_what_the_block_raises_comes_out_as_it_is(programs, zookeeper):
    with trio.fail_after(30), pytest.raises(LookupError):
        async with open_probes(["C"], zookeeper.servers, 4.0, "/p/f", 1, 0.0):
            raise LookupError


@pytest.mark.zk
async def test_one_that_tells_something_else_is_taken_for_ended(programs, zookeeper):
    with trio.fail_after(30):
        async with open_probes(["Rust"], zookeeper.servers, 4.0, "/p/d", 1, 0.0) as probes:
            with pytest.raises(ProbeEndedError, match="hello"):
                await probes.running["Rust"].wait(lambda probe: probe.well() == 1)


@pytest.mark.zk
async def test_the_coordinator_s_own(zookeeper_ensemble):
    """The real program, on real servers: three sessions, one of which is ended."""
    ensemble: AsyncEnsemble = zookeeper_ensemble
    with trio.fail_after(60):
        async with open_probes(["coordinator"], ensemble.servers, 4.0, "/p/e", 3, 0.1) as probes:
            probe = probes.running["coordinator"]
            await probe.wait(lambda probe: probe.well() == 3)
            before = probe.sessions()
            await trio.to_thread.run_sync(ensemble.expire, int(before[1], 16))
            await probe.wait(lambda probe: probe.well() == 3 and probe.sessions()[1] != before[1])
            after = probe.sessions()
    assert (after[0], after[2]) == (before[0], before[2])
    assert "expired" in [event.event for event in probe.events if event.i == 1]


async def test_clocks_are_one_and_the_same():
    told = time.monotonic() + clock_offset()
    assert told == pytest.approx(trio.current_time(), abs=0.5)


def test_a_line_is_an_event():
    line = b'{"t": 1500000000, "i": 2, "e": "suspended", "raw": "Disconnected"}'
    assert parsed(line, 1.0) == ProbeEvent(2.5, 2, "suspended", raw="Disconnected")


@pytest.mark.parametrize(
    "line", [b"hello", b"[]", b'{"t": 1, "i": 0}', b'{"t": "x", "i": 0, "e": "lost"}']
)
def test_a_line_that_is_none_is_shown(line):
    with pytest.raises(ValueError, match="no event of a probe"):
        parsed(line, 0.0)


def test_a_session_is_well_when_it_has_had_an_answer_since_it_connected():
    sessions = Sessions()
    seen = []
    for event in ("connected", "answered", "suspended", "answered", "connected", "answered"):
        sessions.take(ProbeEvent(0.0, 0, event, "0xa"))
        seen.append((sessions.connected, len(sessions.well)))
    assert seen == [(1, 0), (1, 1), (0, 0), (0, 0), (1, 0), (1, 1)]
