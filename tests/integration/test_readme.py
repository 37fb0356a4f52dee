"""The README's example runs as it stands."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import trio

import coordinator
import zkwire
from zkwire.testing import Ensemble

pytestmark = pytest.mark.zk

README = Path(__file__).parents[2] / "README.md"


BLOCKS = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)


def example() -> str:
    return BLOCKS[0]


def test_every_block_is_python():
    assert len(BLOCKS) == 3
    for block in BLOCKS:
        compile(block, "README.md", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


async def test_the_test_of_an_application_passes(memory_zookeeper, autojump_clock):
    namespace = {"coordinator": coordinator}
    exec(compile(BLOCKS[2], "README.md", "exec"), namespace)
    await namespace["test_what_happens_when_the_session_expires"](memory_zookeeper, autojump_clock)


def test_the_example_is_about_twenty_lines():
    assert len(example().splitlines()) <= 22


async def test_the_example_follows_a_node(zookeeper: Ensemble, capsys: pytest.CaptureFixture[str]):
    namespace = {"__name__": "readme"}
    exec(compile(example(), "README.md", "exec"), namespace)
    printed = ""

    async def until_printed(text: str) -> None:
        nonlocal printed
        while text not in printed:
            await trio.sleep(0.01)
            printed += capsys.readouterr().out

    host, _, port = zookeeper.servers[0].rpartition(":")
    with trio.fail_after(20):
        async with (
            trio.open_nursery() as nursery,
            zkwire.open_connection(host, int(port), session_timeout=2.0) as other,
        ):
            nursery.start_soon(namespace["keep_greeting"], zookeeper.servers)
            await until_printed("b'hello'")
            stat = await other.set("/burrow/greeting", b"changed")
            await until_printed(f"version {stat.version}: b'changed'")
            nursery.cancel_scope.cancel()
    async with zkwire.open_connection(host, int(port), session_timeout=2.0) as other:
        await other.delete("/burrow/greeting")
