"""The Python clients' programs, each once, on a real server."""

from __future__ import annotations

import json
import subprocess
from contextlib import contextmanager

import pytest
import trio
from bench.peers import PEERS, ROOT

import zkwire

pytestmark = pytest.mark.zk

CLIENTS = ("zkwire", "coordinator", "kazoo", "aiozk")
SIZE, IN_FLIGHT, WARM_UP, COUNT = 100, 4, 3, 21
# Seconds.  Only a program that hangs takes so long.
HANG = 30.0


@contextmanager
def program(command, *arguments):
    with subprocess.Popen(
        (*command, *map(str, arguments)),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


async def load(zookeeper, client, op, path, *, size=SIZE, count=COUNT, on_ready=None):
    """Run a load program to its end; ``on_ready`` is called once it says so."""
    servers = ",".join(zookeeper.servers)
    arguments = (servers, op, path, size, IN_FLIGHT, 0 if on_ready else WARM_UP, count)
    with program(PEERS[client].load(), *arguments) as process, trio.fail_after(HANG):
        line = await trio.to_thread.run_sync(process.stdout.readline, abandon_on_cancel=True)
        if line == "ready\n":
            await on_ready()
            line = await trio.to_thread.run_sync(process.stdout.readline, abandon_on_cancel=True)
        assert await trio.to_thread.run_sync(process.wait, abandon_on_cancel=True) == 0
    return json.loads(line)


def assert_measured(answer):
    assert answer["seconds"] > 0
    assert answer["user"] >= 0
    assert answer["system"] >= 0


@pytest.fixture
async def zk(zookeeper):
    host, _, port = zookeeper.servers[0].rpartition(":")
    async with zkwire.open_connection(host, int(port)) as connection:
        yield connection


@pytest.fixture
async def root(zk, request):
    """A node with ``SIZE`` bytes, that nobody else uses."""
    path = await zk.create("/peers-", b"x" * SIZE, zkwire.CreateMode.PERSISTENT_SEQUENTIAL)
    for index in range(5):
        await zk.create(f"{path}/w{index:08d}", b"")
    return path


@pytest.mark.parametrize("client", CLIENTS)
async def test_operations_are_done_and_measured(zookeeper, zk, root, client):
    async def measure(op, size=SIZE):
        answer = await load(zookeeper, client, op, root, size=size)
        assert_measured(answer)
        assert len(answer["took"]) == COUNT

    async with trio.open_nursery() as nursery:
        for op in ("get", "set", "multi"):
            nursery.start_soon(measure, op)
        nursery.start_soon(measure, "children", 5)

    assert_measured(await load(zookeeper, client, "create", root))
    names = {f"n{index:08d}" for index in range(WARM_UP + COUNT)}
    assert names <= set(await zk.get_children(root))
    assert (await zk.get(f"{root}/n00000000"))[0] == b"x" * SIZE

    nodes = 1 + 5 + WARM_UP + COUNT
    assert_measured(await load(zookeeper, client, "walk", root, count=nodes))

    assert_measured(await load(zookeeper, client, "delete", root))
    assert len(await zk.get_children(root)) == 5


@pytest.mark.parametrize("client", CLIENTS)
async def test_watches_are_counted_from_the_first_event_to_the_last(zookeeper, zk, root, client):
    async def change_each():
        for index in range(5):
            await zk.set(f"{root}/w{index:08d}", b"new")

    answer = await load(zookeeper, client, "one-shot", root, count=5, on_ready=change_each)
    assert_measured(answer)
    assert answer["events"] == 5

    answer = await load(zookeeper, client, "persistent", root, count=5, on_ready=change_each)
    if client in {"zkwire", "coordinator"}:
        assert_measured(answer)
        assert answer["events"] == 5
    else:
        assert answer == {"not measured": f"{client} has one-shot watches only"}


@pytest.mark.parametrize("client", ["coordinator", "kazoo", "aiozk"])
async def test_a_probe_tells_of_its_sessions_and_of_their_expiry(zookeeper, zk, root, client):
    servers = ",".join(zookeeper.servers)
    more = ("lease",) if client == "coordinator" else ()
    with (
        program(PEERS[client].probe(), servers, 2000, root, 2, 100, *more) as process,
        trio.fail_after(HANG),
    ):
        seen = []

        async def read_until(index, *events):
            """Read on until a session has told of each, in whatever order."""
            begin = len(seen)
            while not set(events) <= {each["e"] for each in seen[begin:] if each["i"] == index}:
                line = await trio.to_thread.run_sync(
                    process.stdout.readline, abandon_on_cancel=True
                )
                seen.append(json.loads(line))

        await read_until(1, "connected", "answered", "ephemeral", *(["lease-on"] if more else []))
        stat = await zk.exists(f"{root}/e00001")
        told = next(each for each in seen if each["i"] == 1 and each["e"] == "connected")
        assert int(told["id"], 16) == stat.ephemeral_owner

        await trio.to_thread.run_sync(zookeeper.expire, stat.ephemeral_owner)
        over = ["suspended", "expired", *(["lease-over"] if more else [])]
        await read_until(1, *over, "connected", "answered", "ephemeral")
        later = await zk.exists(f"{root}/e00001")
        assert later.ephemeral_owner != stat.ephemeral_owner
        assert [each["t"] for each in seen if each["i"] == 1] == sorted(
            each["t"] for each in seen if each["i"] == 1
        )

        process.stdin.close()
        assert await trio.to_thread.run_sync(process.wait, abandon_on_cancel=True) == 0


@pytest.mark.parametrize("client", CLIENTS)
def test_a_program_without_arguments_says_what_it_is(client):
    peer = PEERS[client]
    command = (peer.probe or peer.load)()
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    assert done.stdout.startswith(f"{client} ")
    assert done.stdout.count("\n") == 1
