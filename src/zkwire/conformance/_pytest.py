"""The checks as tests of somebody else's suite."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import aclosing
from functools import cache
from typing import TYPE_CHECKING

import trio

from zkwire.conformance._address import Address, parse_address
from zkwire.conformance._check import Check
from zkwire.conformance._outcome import Outcome, Verdict
from zkwire.conformance._runner import a_root, run_one
from zkwire.conformance._select import select_checks
from zkwire.conformance._target import Target, link_to, probe
from zkwire.conformance._version import Version, parse_version

if TYPE_CHECKING:
    import pytest


def pytest_checks(
    address: str | None = None,
    *,
    fixture: str | None = None,
    groups: Sequence[str] = (),
    names: Sequence[str] = (),
    server_version: str | None = None,
) -> Callable[..., None]:
    """A test function, parametrised with the checks; assign it to a name that pytest collects.

    A check that is not applicable is skipped, never passed.  Each test opens and closes an event
    loop of its own, so the function needs no plugin.

    Args:
        address: ``host:port`` of the server, where it is known when tests are collected.
        fixture: Else the name of a fixture that gives it.
        groups: Run these groups alone.
        names: Run these checks alone, and those of ``groups``.
        server_version: For servers that do not answer ``srvr``.

    Raises:
        ValueError: Not exactly one of address and fixture; an unknown group, check or version;
            or an address that is none.
    """
    import pytest

    if (address is None) == (fixture is None):
        raise ValueError("give either the address or the name of a fixture that gives it")
    if address is not None:
        parse_address(address)
    version = None if server_version is None else parse_version(server_version)
    checks = select_checks(groups, names)

    @pytest.mark.parametrize("check", checks, ids=[check.name for check in checks])
    def test_conformance(check: Check, request: pytest.FixtureRequest) -> None:
        given = address if fixture is None else str(request.getfixturevalue(fixture))
        target = _target(parse_address(str(given)), version)
        outcome = trio.run(_run, check, target)
        if outcome.verdict is Verdict.NOT_APPLICABLE:
            pytest.skip(outcome.observed)
        if outcome.verdict.unexpected:
            expected = check.expected_of(target.version)
            pytest.fail(f"expected {expected}; came back: {outcome.observed}", pytrace=False)

    return test_conformance


async def _run(check: Check, target: Target) -> Outcome:
    async with a_root(target.address) as root:
        link = await link_to(target.address)
        async with aclosing(link):
            (await link.create(root)).ok()
        return await run_one(check, target, root)


@cache
def _target(address: Address, version: Version | None) -> Target:
    """What the probe finds, once for each server."""

    async def look() -> Target:
        async with a_root(address) as root:
            return await probe(address, root, version)

    return trio.run(look)
