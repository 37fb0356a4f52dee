import pytest
import trio
from trio.testing import assert_no_checkpoints, memory_stream_pair

from coordinator import ConfigurationError, State, open_coordinator
from scripted_server import Peer
from unruly_servers import nothing_listening


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"servers": []}, "servers: []: at least one server is needed"),
        (
            {"servers": ["127.0.0.1:99999"]},
            "servers: '127.0.0.1:99999': port must be 1 to 65535",
        ),
        (
            {"servers": ["127.0.0.1:1"], "root_path": "/a/"},
            "root_path: '/a/': must not end with '/'",
        ),
        (
            {"servers": ["127.0.0.1:1"], "session_timeout": 0},
            "session_timeout: 0: must be more than 0 seconds",
        ),
        ({"servers": ["127.0.0.1:1"], "dial": "tcp"}, "dial: 'tcp': must be callable"),
    ],
)
def test_a_bad_configuration_is_refused_by_the_call_itself_in_one_line(arguments, message):
    # Outside of trio, so nothing can have been sent; before the block, so no group wraps it.
    with pytest.raises(ConfigurationError) as caught:
        open_coordinator(**arguments)
    assert str(caught.value) == message
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


async def test_entering_waits_for_nothing():
    with assert_no_checkpoints():
        block = open_coordinator(["127.0.0.1:1"])
        coordinator = await block.__aenter__()
        assert coordinator.state is State.CONNECTING
        assert coordinator.session is None
        assert coordinator.failure is None
        assert coordinator.root_path == "/burrow"
    await block.__aexit__(None, None, None)


async def test_with_no_server_there_it_waits_under_the_caller_s_own_limits():
    # The original ends the whole process here.
    async with nothing_listening() as address, open_coordinator([address]) as coordinator:
        for call in (coordinator.wait_connected, coordinator.get_children, coordinator.create):
            with trio.move_on_after(0.1) as scope:
                await (call() if call == coordinator.wait_connected else call("/x"))
            assert scope.cancelled_caught
        assert coordinator.state is State.CONNECTING
        assert coordinator.failure is None
    assert coordinator.state is State.CLOSED


async def test_an_exception_of_the_body_leaves_as_it_was_raised():
    async with nothing_listening() as address:
        with pytest.raises(LookupError, match="the body's own") as caught:
            async with open_coordinator([address]):
                raise LookupError("the body's own")
        assert (caught.value.__cause__, caught.value.__context__) == (None, None)
        group = ExceptionGroup("the body's own", [LookupError(), ValueError()])
        with pytest.raises(ExceptionGroup) as caught:
            async with open_coordinator([address]):
                raise group
        assert caught.value is group


async def test_dial_makes_the_streams_and_its_oserror_is_one_failed_attempt(autojump_clock):
    called = []
    reached = trio.Event()

    async def dial(host, port):
        called.append((host, port))
        await trio.lowlevel.checkpoint()
        if len(called) == 1:
            raise ConnectionRefusedError
        near, far = memory_stream_pair()
        nursery.start_soon(Peer(far).serve_new)
        reached.set()
        return near

    async with trio.open_nursery() as nursery:
        async with open_coordinator(["memory:1"], "/", dial=dial) as coordinator:
            await coordinator.wait_connected()
        await reached.wait()
    assert called == [("memory", 1)] * 2
