"""What is refused, and that nothing has changed then."""

from __future__ import annotations

import math

import pytest
import trio
import trio.testing

from fault_rig import exactly, memory_rig
from zkwire.testing import NotControllableError, open_faults
from zkwire.testing._memory_stream import CAPACITY, memory_connection


@pytest.mark.parametrize(
    ("fault", "arguments", "error", "says"),
    [
        ("latency", (-1,), ValueError, "seconds: must be at least 0"),
        ("latency", (math.nan,), ValueError, "seconds: must be a finite"),
        ("latency", (math.inf,), ValueError, "seconds: must be a finite"),
        ("latency", ("1",), TypeError, "seconds: must be a number of seconds, not str"),
        ("latency", (True,), TypeError, "seconds: must be a number of seconds, not bool"),
        ("latency", (1, -1), ValueError, "jitter: must be at least 0"),
        ("bandwidth", (0,), ValueError, "bytes_per_second: must be above 0"),
        ("slow_close", (-1,), ValueError, "delay: must be"),
        ("slicer", (0,), ValueError, "size: must be at least 1"),
        ("slicer", (1.5,), TypeError, "size: must be an int"),
        ("slicer", (1, -1), ValueError, "delay: must be"),
        ("limit_data", (-1,), ValueError, "nbytes: must be at least 0"),
        ("corrupt", (-1,), ValueError, "offset: must be at least 0"),
        ("corrupt", (None,), TypeError, "offset: must be an int"),
        ("cut_before_reply", ("set",), TypeError, "opcode: must be an int"),
        ("cut_before_reply", (2**31,), ValueError, "opcode: must be"),
    ],
)
async def test_wrong_values(fault, arguments, error, says):
    async with memory_rig() as rig:
        for on in (rig.faults, rig.faults.members[0]):
            with pytest.raises(error, match=says):
                async with getattr(on, fault)(*arguments):
                    raise AssertionError
        assert rig.faults._targets()[0].lanes["upstream"].conditions == ()
        assert rig.faults._targets()[0].cuts == []


@pytest.mark.parametrize("fault", ["timeout", "half_open", "latency", "limit_data"])
async def test_wrong_directions(fault):
    arguments = (1,) if fault in ("latency", "limit_data") else ()
    async with memory_rig() as rig:
        with pytest.raises(ValueError, match="direction: must be one of upstream, downstream"):
            async with getattr(rig.faults, fault)(*arguments, direction="up"):
                raise AssertionError
        with pytest.raises(TypeError, match="direction: must be a str"):
            async with getattr(rig.faults, fault)(*arguments, direction=None):
                raise AssertionError


async def test_half_open_of_both_sides_is_none():
    async with memory_rig() as rig:
        client, server = await rig.pair()
        with pytest.raises(ValueError, match="direction: must be one of upstream, downstream, not"):
            async with rig.faults.half_open(direction="both"):
                raise AssertionError
        await client.send_all(b"q")
        assert await exactly(server, 1) == b"q"


@pytest.mark.parametrize(
    ("mask", "frame", "says"),
    [(0, None, "mask: must be 1 to 255"), (256, None, "mask"), (1, -1, "frame: must be at least")],
)
async def test_corrupt_refuses_what_changes_nothing(mask, frame, says):
    async with memory_rig() as rig:
        with pytest.raises(ValueError, match=says):
            async with rig.faults.corrupt(0, mask=mask, frame=frame):
                raise AssertionError


@pytest.mark.parametrize(
    ("servers", "error", "says"),
    [
        ("127.0.0.1:2181", TypeError, "not one string"),
        (7, TypeError, "must be addresses or an ensemble, not int"),
        ([], ValueError, "one address at least"),
        (["127.0.0.1"], ValueError, "must be 'host:port'"),
        (["127.0.0.1:0"], ValueError, "must be 'host:port'"),
        (["127.0.0.1:99999"], ValueError, "must be 'host:port'"),
        ([2181], TypeError, "must be a 'host:port' str, not int"),
        (["a:1", "b:1", "a:1"], ValueError, "one address twice"),
    ],
)
async def test_wrong_servers(servers, error, says):
    with pytest.raises(error, match=says):
        async with open_faults(servers):
            raise AssertionError


async def test_a_dial_must_be_a_function():
    with pytest.raises(TypeError, match="dial: must be an async function, not str"):
        async with open_faults(["a:1"], dial="tcp"):
            raise AssertionError


async def test_an_address_that_is_no_proxys_is_refused():
    async with memory_rig() as rig:
        with pytest.raises(ConnectionRefusedError, match="no proxy has the address server-0:2181"):
            await rig.faults.dial("server-0", 2181)


async def test_addresses_alone_give_no_control_of_servers():
    async with memory_rig() as rig:
        faults, proxy = rig.faults, rig.faults.members[0]
        with pytest.raises(NotControllableError, match="cannot expire: open_faults was given addr"):
            await faults.expire(1)
        for fault in (faults.lag(proxy, 1), proxy.lag(1), faults.partition(proxy)):
            with pytest.raises(NotControllableError, match="open_faults was given addresses"):
                async with fault:
                    raise AssertionError
        with pytest.raises(ValueError, match=r"member: must be one of faults\.members"):
            async with faults.partition(1):
                raise AssertionError


async def test_streams_in_memory_are_streams():
    async def pair():
        await trio.lowlevel.checkpoint()
        return memory_connection()

    async def clogged():
        near, far = memory_connection()
        for stream in (near, far):
            await stream.send_all(bytes(CAPACITY))
        return near, far

    await trio.testing.check_half_closeable_stream(pair, clogged)


async def test_a_reset_in_memory_breaks_the_other_end_behind_what_had_come():
    near, far = memory_connection()
    await near.send_all(b"last words")
    near.reset()
    assert await far.receive_some() == b"last words"
    with pytest.raises(trio.BrokenResourceError):
        await far.receive_some()
    with pytest.raises(trio.BrokenResourceError):
        await far.send_all(b"?")
    with pytest.raises(trio.ClosedResourceError):
        await near.send_all(b"?")
