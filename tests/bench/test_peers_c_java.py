"""The official clients' programs, built and run once: they print what the bench reads."""

from __future__ import annotations

import json
import subprocess
from functools import partial
from uuid import uuid4

import pytest
import trio
from bench.harness.contender import NotMeasured
from bench.peers import _c, _java

from real_server import connect

pytestmark = pytest.mark.zk

SIZE = 100
SESSIONS = 3


@pytest.fixture(params=["C", "Java"])
def command(request):
    # Where the library is missing the bench installs it, if it may; a test does not.
    if request.param == "C" and not _c.is_installed():
        pytest.skip(f"{' '.join(_c.PACKAGES)}: not installed")
    made = (_c if request.param == "C" else _java).command

    def build(program):
        try:
            return made(program)
        except NotMeasured as error:
            pytest.skip(str(error))

    return build


async def make_node(zk):
    return await zk.create(f"/test-{uuid4().hex}", bytes(SIZE))


async def test_load_times_each_get_where_few_are_in_flight(command, zookeeper):
    async with connect(zookeeper) as zk:
        path = await make_node(zk)
    arguments = [zookeeper.servers[0], "get", path, SIZE, 4, 10, 50]
    done = await trio.run_process(
        [*command("load"), *map(str, arguments)], capture_stdout=True, capture_stderr=True
    )
    found = json.loads(done.stdout)
    assert (len(found["took"]), done.stderr) == (50, b"")
    assert all(0 < each / 1e9 <= found["seconds"] for each in found["took"])
    assert found.keys() - {"user", "system", "cpu"} == {"seconds", "took"}


async def test_load_refuses_a_value_of_another_size(command, zookeeper):
    async with connect(zookeeper) as zk:
        path = await make_node(zk)
    arguments = [zookeeper.servers[0], "get", path, SIZE + 1, 64, 0, 100]
    done = await trio.run_process(
        [*command("load"), *map(str, arguments)],
        capture_stdout=True,
        capture_stderr=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"a value of another size" in done.stderr


async def told(process):
    """Every line that a probe prints, until each session has its node and its answer."""
    found, rest = [], b""
    async for chunk in process.stdout:
        *lines, rest = (rest + chunk).split(b"\n")
        found += map(json.loads, lines)
        if sum(each["e"] in ("ephemeral", "answered") for each in found) == 2 * SESSIONS:
            break
    return found


async def test_probe_tells_of_its_sessions_and_ends_with_its_input(command, zookeeper):
    async with connect(zookeeper) as zk, trio.open_nursery() as nursery:
        path = await make_node(zk)
        arguments = [zookeeper.servers[0], 4_000, path, SESSIONS, 20]
        process = await nursery.start(
            partial(
                trio.run_process,
                [*command("probe"), *map(str, arguments)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
        )
        with trio.fail_after(60):
            found = await told(process)
            ids = {each["i"]: each["id"] for each in found if each["e"] == "connected"}
            owners = {
                i: hex((await zk.get(f"{path}/e{i:05d}"))[1].ephemeral_owner)
                for i in range(SESSIONS)
            }
            assert ids == owners
            assert {each["to"] for each in found if each["e"] == "connected"} == {
                zookeeper.servers[0]
            }
            await process.stdin.aclose()
            assert await process.wait() == 0
