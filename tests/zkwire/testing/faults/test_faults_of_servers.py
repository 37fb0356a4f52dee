"""Faults that the ensemble itself brings about, asked for through its proxies."""

from __future__ import annotations

from contextlib import asynccontextmanager

import pytest
import trio

from zkwire.testing import NotControllableError, open_faults
from zkwire.testing._memory_stream import memory_connection


class Member:
    def __init__(self) -> None:
        self.wrong: list[object] = []

    @asynccontextmanager
    async def lag(self, seconds: float):
        self.wrong.append(seconds)
        yield
        self.wrong.remove(seconds)

    @asynccontextmanager
    async def partition(self):
        self.wrong.append("partition")
        yield
        self.wrong.remove("partition")


class InMemory:
    """What an ensemble in memory looks like from here."""

    servers = ("one:2181", "two:2181")

    def __init__(self) -> None:
        self.members = (Member(), Member())
        self.expired: list[int] = []
        self.dialled: list[tuple[str, int]] = []

    async def expire(self, session_id: int) -> None:
        self.expired.append(session_id)

    async def dial(self, host: str, port: int) -> trio.abc.Stream:
        self.dialled.append((host, port))
        return memory_connection()[0]


async def test_an_ensemble_with_a_dial_is_reached_by_it():
    ensemble = InMemory()
    async with open_faults(ensemble) as faults:
        host, port = faults.servers[1].split(":")
        await faults.dial(host, int(port))
        assert ensemble.dialled == [("two", 2181)]
        assert set(faults.servers).isdisjoint(ensemble.servers)


async def test_a_server_in_memory_that_refuses_is_refused_through_the_proxy():
    async def dial(host: str, port: int) -> trio.abc.Stream:
        await trio.lowlevel.checkpoint()
        raise ConnectionRefusedError("nobody is at home")

    async with open_faults(["one:2181"], dial=dial) as faults:
        host, port = faults.servers[0].split(":")
        with pytest.raises(ConnectionRefusedError, match="nobody is at home"):
            await faults.dial(host, int(port))
        assert faults.members[0].statistics.refused == 1


async def test_what_members_can_do_is_asked_of_the_right_one():
    ensemble = InMemory()
    first, second = ensemble.members
    async with open_faults(ensemble) as faults:
        async with faults.lag(faults.members[1], 3.0), faults.members[1].partition():
            assert second.wrong == [3.0, "partition"]
            assert first.wrong == []
        assert second.wrong == []
        async with faults.partition(faults.members[0]), faults.members[0].lag(1):
            assert first.wrong == ["partition", 1]
        await faults.expire(77)
        assert ensemble.expired == [77]


async def test_wrong_values_do_not_reach_the_ensemble():
    ensemble = InMemory()
    async with open_faults(ensemble) as faults:
        with pytest.raises(ValueError, match="seconds: must be at least 0"):
            async with faults.members[0].lag(-1):
                raise AssertionError
        with pytest.raises(TypeError, match="session_id: must be an int, not str"):
            await faults.expire("77")
    assert ensemble.expired == []


async def test_what_an_ensemble_cannot_do_is_said():
    class Plain:
        servers = ("one:2181",)
        members = (object(),)
        provider = "docker"

    async with open_faults(Plain()) as faults:
        with pytest.raises(NotControllableError, match=r"cannot partition: .*'docker' has no such"):
            async with faults.members[0].partition():
                raise AssertionError
        with pytest.raises(NotControllableError, match=r"cannot expire: .*'docker' has no such"):
            await faults.expire(1)
