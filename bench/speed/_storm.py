"""Writes that set watches off, made by the harness: multis, pipelined, so as not to hinder."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass

import trio

import zkwire
from bench.harness.contender import HANG, ROOT, ContenderFailed, Sample, answer_of, rates
from bench.speed._load import Load
from bench.speed._nodes import apply, open_client


@dataclass(frozen=True, slots=True)
class Storm:
    """So many writes to these nodes, one after the other and from the first again."""

    load: Load
    nodes: Sequence[str]

    @property
    def name(self) -> str:
        return f"{self.load.op}, {self.load.count:,} events"

    def writes(self) -> list[zkwire.WriteOp]:
        data = b"x" * self.load.size
        nodes = self.nodes
        return [zkwire.SetData(nodes[i % len(nodes)], data) for i in range(self.load.count)]

    def run(self, command: tuple[str, ...], address: str) -> Sample:
        """Have a client watch, set its watches off, and hear what it took.

        Raises:
            NotMeasured: the client cannot watch so.
            ContenderFailed: it failed or hung.
        """
        return trio.run(self._run, command, address)

    def rate(self, address: str) -> float:
        """Writes per second where nobody watches."""
        return trio.run(self._rate, address)

    async def _rate(self, address: str) -> float:
        async with open_client(address) as zk:
            writes = self.writes()
            began = time.monotonic()
            await apply(zk, writes, self.load.size)
            return len(writes) / (time.monotonic() - began)

    async def _run(self, command: tuple[str, ...], address: str) -> Sample:
        process = await trio.lowlevel.open_process(
            (*command, *self.load.arguments(address)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=ROOT,
        )
        try:
            with trio.fail_after(HANG):
                return await self._follow(process, address)
        except trio.TooSlowError as error:
            raise ContenderFailed(f"not all events had come within {HANG:.0f} s") from error
        finally:
            if process.poll() is None:
                process.kill()
            with trio.CancelScope(shield=True, deadline=trio.current_time() + 10):
                await process.wait()

    async def _follow(self, process: trio.Process, address: str) -> Sample:
        assert process.stdout is not None
        assert process.stderr is not None
        errors = bytearray()
        output = bytearray()
        is_ready = trio.Event()

        async def read(stream: trio.abc.ReceiveStream, into: bytearray) -> None:
            async for data in stream:
                into += data
                if b"\n" in output:
                    is_ready.set()
            is_ready.set()  # it has ended, and said so or not

        async with open_client(address) as zk, trio.open_nursery() as nursery:
            writes = self.writes()
            nursery.start_soon(read, process.stdout, output)
            nursery.start_soon(read, process.stderr, errors)
            await is_ready.wait()
            if output.startswith(b"ready\n"):
                await apply(zk, writes, self.load.size)
            status = await process.wait()
        text = output.decode().removeprefix("ready\n")
        answer = answer_of(status, text, errors.decode(errors="replace"))
        return self._sample(answer)

    def _sample(self, answer: dict[str, float]) -> Sample:
        count = self.load.count
        if answer.get("events") != count:
            raise ContenderFailed(f"{answer.get('events')} events came, not {count}")
        cpu = answer["cpu"] if "cpu" in answer else answer["user"] + answer["system"]
        return rates(count, answer["seconds"], cpu)
