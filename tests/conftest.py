"""Real servers for every test that asks for one, and a word on which servers they were."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from zkwire.testing import Ensemble, NoZooKeeperError, ZooKeeperStartError, start_zookeeper

if TYPE_CHECKING:
    from collections.abc import Generator

_SEEN = pytest.StashKey[dict[str, str]]()
_WORKER_KEY = "zkwire_servers"


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_SEEN] = {}


def _servers(
    config: pytest.Config, members: int, tick_time: float, options: dict[str, Any] | None = None
) -> Generator[Ensemble]:
    with ExitStack() as stack:
        reason = ""
        try:
            ensemble = stack.enter_context(start_zookeeper(members, tick_time, **(options or {})))
        except (NoZooKeeperError, ZooKeeperStartError, ValueError) as error:
            reason = str(error)
        if reason:
            # Never a skip: a green run must mean that a real server was there.
            pytest.fail(reason, pytrace=False)
        # Workers choose different ports; one line for each kind of server is enough.
        kind = f"{ensemble.provider} {ensemble.version} {members}"
        config.stash[_SEEN].setdefault(kind, ensemble.describe())
        yield ensemble


@pytest.fixture(scope="session")
def zookeeper(request: pytest.FixtureRequest) -> Generator[Ensemble]:
    """One standalone server; sessions of 0.2 to 2 s."""
    yield from _servers(request.config, members=1, tick_time=0.1)


@pytest.fixture(scope="session")
def zookeeper_ensemble(request: pytest.FixtureRequest) -> Generator[Ensemble]:
    """An ensemble of three; sessions of 0.4 to 4 s. Leave every member running."""
    yield from _servers(request.config, members=3, tick_time=0.2)


@pytest.fixture(scope="session")
def zookeeper_secured(request: pytest.FixtureRequest) -> Generator[Ensemble]:
    """One server that speaks TLS too, and SASL with the users here; sessions of 0.2 to 20 s."""
    users = {"bob": "bob's secret", "eve": "eve's secret"}
    # Long sessions: a megabyte through a cold JVM's TLS takes a busy machine a second.
    config = {"ssl.enabledProtocols": "TLSv1.2,TLSv1.3", "maxSessionTimeout": 20_000}
    options = {"tls": True, "sasl": users, "config": config}
    yield from _servers(request.config, 1, 0.1, options)


def pytest_sessionfinish(session: pytest.Session) -> None:
    output = getattr(session.config, "workeroutput", None)
    if output is not None:  # a worker of pytest-xdist: its terminal is not seen
        output[_WORKER_KEY] = session.config.stash[_SEEN]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object) -> None:
    config: pytest.Config = node.config  # type: ignore[attr-defined]
    output: dict[str, dict[str, str]] = getattr(node, "workeroutput", {})
    for kind, line in output.get(_WORKER_KEY, {}).items():
        config.stash[_SEEN].setdefault(kind, line)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    seen = config.stash[_SEEN]
    if seen:
        terminalreporter.section("ZooKeeper servers")
        for line in seen.values():
            terminalreporter.write_line(line)
