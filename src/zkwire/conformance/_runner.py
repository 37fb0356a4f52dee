"""Running checks: each on connections and nodes of its own, within a bound, a few at a time."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from uuid import uuid4

import trio

from zkwire.conformance._address import Address
from zkwire.conformance._check import Check
from zkwire.conformance._context import Context
from zkwire.conformance._guard import ROOT_PREFIX
from zkwire.conformance._mismatch import Mismatch
from zkwire.conformance._outcome import Outcome, Report, Verdict
from zkwire.conformance._target import Target, link_to, probe
from zkwire.conformance._tree import listing, remove
from zkwire.conformance._version import Version

CHECK_LIMIT = 30.0
"""Seconds for one check: the longest wait for a session to expire on a server's defaults."""

AT_ONCE = 4
_CLEANUP_LIMIT = 10.0


async def run_checks(
    address: Address,
    checks: Sequence[Check],
    *,
    version: Version | None = None,
    limit: float = CHECK_LIMIT,
    done: Callable[[Outcome], object] = lambda _: None,
) -> Report:
    """Run checks against a server and leave its tree as it was.

    A checkpoint; cancelled, it still removes its nodes, within ten seconds.

    Args:
        address: The server.
        checks: What to run.
        version: The server's, where it does not say.
        limit: Seconds for each check.
        done: Called with each outcome as it comes in.

    Raises:
        UnusableTarget: The server does not say its version, and none was given.
        Mismatch: It does not behave like a ZooKeeper at all.
        OSError: Nothing listens there.
    """
    before = await tree_of(address)
    async with a_root(address) as root:
        target = await probe(address, root, version)
        outcomes = await _run_all(target, root, checks, limit, done)
    after = await tree_of(address)
    return Report(target, outcomes, sorted(after - before), sorted(before - after))


@asynccontextmanager
async def a_root(address: Address) -> AsyncGenerator[str]:
    """The path of a node for a run, which is yet to be made and will be removed with all below.

    Entering is no checkpoint; leaving is one, and takes up to ten seconds even when cancelled.

    Raises:
        Mismatch: The node could not be removed.
        OSError: Nothing listens at the address any more.
    """
    root = f"{ROOT_PREFIX}{uuid4().hex[:12]}"
    try:
        yield root
    finally:
        with trio.move_on_after(_CLEANUP_LIMIT, shield=True):
            await _clean(address, root)


async def _run_all(
    target: Target,
    root: str,
    checks: Sequence[Check],
    limit: float,
    done: Callable[[Outcome], object],
) -> list[Outcome]:
    outcomes: dict[str, Outcome] = {}
    waiting = iter(checks)

    async def work() -> None:
        for check in waiting:
            outcome = outcomes[check.name] = await run_one(check, target, root, limit)
            done(outcome)

    async with trio.open_nursery() as nursery:
        for _ in range(AT_ONCE):
            nursery.start_soon(work)
    return [outcomes[check.name] for check in checks]


async def run_one(check: Check, target: Target, root: str, limit: float = CHECK_LIMIT) -> Outcome:
    """Run one check and remove what it made; a checkpoint unless it is not applicable."""
    if (reason := check.not_applicable(target)) is not None:
        return Outcome(check, Verdict.NOT_APPLICABLE, reason, 0.0)
    started = trio.current_time()
    parent = f"{root}/{check.name}"
    verdict, observed = Verdict.FAIL, f"no answer within {limit:g} s"
    with trio.move_on_after(limit):
        verdict, observed = await _run(check, target, parent)
    seconds = trio.current_time() - started
    try:
        with trio.move_on_after(_CLEANUP_LIMIT, shield=True):
            await _clean(target.address, parent)
    except (Mismatch, OSError) as error:
        verdict, observed = Verdict.ERROR, f"{observed}; {error}"
    return Outcome(check, verdict, observed, seconds)


async def _run(check: Check, target: Target, parent: str) -> tuple[Verdict, str]:
    try:
        async with AsyncExitStack() as stack:
            context = Context(target, parent, stack)
            home = await context.connect()
            (await home.create(parent)).ok()
            await home.aclose()
            return Verdict.PASS, (await check.run(context)).replace(parent, "…")
    except Mismatch as mismatch:
        return Verdict.FAIL, str(mismatch).replace(parent, "…")
    except Exception as error:  # noqa: BLE001  # the fault of the check, not of the server
        return Verdict.ERROR, f"{type(error).__name__}: {error}"


async def _clean(address: Address, path: str) -> None:
    link = await link_to(address)
    async with aclosing(link):
        await remove(link, path)


async def tree_of(address: Address) -> set[str]:
    """The paths of all nodes that stay; a checkpoint.

    Raises:
        Mismatch: The server does not behave like a ZooKeeper at all.
        OSError: Nothing listens there.
    """
    link = await link_to(address)
    async with aclosing(link):
        return await listing(link)
