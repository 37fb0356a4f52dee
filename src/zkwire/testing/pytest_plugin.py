"""Fixtures for pytest: ZooKeeper servers, real and in memory, and faults on the way to them.

pytest finds this plugin by itself where zkwire is installed. The fixtures:

* ``zookeeper``: one real server, for the whole run; an `Ensemble`.
* ``zookeeper_ensemble``: three real servers, for the whole run; an `Ensemble`.
* ``memory_zookeeper``: a fresh server in memory for each test; a `MemoryEnsemble`. It lives in the
  test's own trio run, so under the virtual clock where the test asks for pytest-trio's
  ``autojump_clock`` too.
* ``faults``: `Faults` between the test and ``memory_zookeeper``.

The last two want pytest-trio. ``zookeeper`` grants sessions of 0.2 to 2 s, the ensemble of 0.4 to
4 s, and the server in memory, where time costs nothing, the 4 to 40 s of stock settings. A fixture
that cannot have its server fails the test and says why; it never skips.

Keys of the ini file:

* ``zkwire_version``: the version that real servers must have, such as ``3.8`` or ``3.9.5``;
* ``zkwire_provider``: the provider of real servers, unless ``ZKWIRE_TEST_PROVIDER`` names one;
* ``zkwire_tick_time``: seconds of every fixture's tick. Sessions last 2 to 20 ticks.

For everything else define a fixture of the same name, from `serve_zookeeper`,
`open_memory_zookeeper` or `open_faults`.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator, Mapping

    from zkwire.testing import Ensemble, Faults, MemoryEnsemble, TlsFiles

_TICK_TIME: Final = 0.1
_ENSEMBLE_TICK_TIME: Final = 0.2
# Stock settings: a virtual hour costs what its pings cost, and shorter sessions ping more often.
_MEMORY_TICK_TIME: Final = 2.0
_PROVIDER_VARIABLE: Final = "ZKWIRE_TEST_PROVIDER"
_Seen: TypeAlias = dict[str, str]  # kind of server to the line that describes it
_SEEN = pytest.StashKey[_Seen]()
_WORKER_KEY: Final = "zkwire_servers"


class _Described(Protocol):
    """What every kind of ensemble says of itself."""

    @property
    def provider(self) -> str: ...

    @property
    def version(self) -> str: ...

    @property
    def servers(self) -> list[str]: ...

    def describe(self) -> str: ...


def pytest_addoption(parser: pytest.Parser) -> None:
    """Register the ini keys."""
    parser.addini("zkwire_version", "version that real ZooKeeper servers must have", default="")
    parser.addini("zkwire_provider", "provider of real ZooKeeper servers", default="")
    parser.addini("zkwire_tick_time", "seconds of a ZooKeeper server's tick", default="")


# --- fixtures ------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def zookeeper(request: pytest.FixtureRequest) -> Generator[Ensemble]:
    """One real server; sessions of 0.2 to 2 s. Shared by all tests: leave it running."""
    yield from serve_zookeeper(request)


@pytest.fixture(scope="session")
def zookeeper_ensemble(request: pytest.FixtureRequest) -> Generator[Ensemble]:
    """Three real servers; sessions of 0.4 to 4 s. Shared by all tests: leave them running."""
    yield from serve_zookeeper(request, members=3)


@pytest.fixture
def _zkwire_trio_test(request: pytest.FixtureRequest) -> None:
    """Say what is missing, where an async fixture would only fail to be awaited."""
    reason = ""
    if find_spec("pytest_trio") is None:
        reason = "is a trio fixture, which takes pytest-trio: pip install 'zkwire[testing]'"
    elif request.node.get_closest_marker("trio") is None:
        reason = (
            "is for async tests that pytest-trio runs: mark the test with @pytest.mark.trio, or "
            "set trio_mode = true in the ini file"
        )
    if reason:
        asked_for = "faults" if "faults" in request.fixturenames else "memory_zookeeper"
        pytest.fail(f"{asked_for} {reason}", pytrace=False)


@pytest.fixture
async def memory_zookeeper(
    request: pytest.FixtureRequest, _zkwire_trio_test: None
) -> AsyncGenerator[MemoryEnsemble]:
    """A fresh server in memory, reached through its ``dial``; sessions of 4 to 40 s."""
    from zkwire.testing import open_memory_zookeeper

    tick_time = _tick_time(request.config, _MEMORY_TICK_TIME)
    async with open_memory_zookeeper(tick_time=tick_time) as ensemble:
        _note(request.config, ensemble)
        yield ensemble


@pytest.fixture
async def faults(memory_zookeeper: MemoryEnsemble) -> AsyncGenerator[Faults]:
    """Proxies between the test and ``memory_zookeeper``, reached through their ``dial``."""
    from zkwire.testing import open_faults

    async with open_faults(memory_zookeeper) as between:
        yield between


def serve_zookeeper(
    request: pytest.FixtureRequest,
    members: int = 1,
    tick_time: float | None = None,
    *,
    config: Mapping[str, str | float] | None = None,
    system_properties: Mapping[str, str] | None = None,
    tls: bool | TlsFiles = False,
    sasl: Mapping[str, str] | None = None,
    isolated: bool = False,
) -> Generator[Ensemble]:
    """Serve a fixture: start real servers, name them in the run's summary, and end them.

    For a fixture of your own, of any scope::

        @pytest.fixture(scope="session")
        def zookeeper(request):
            yield from serve_zookeeper(request, tls=True)

    Where they cannot be had it fails the test, with the reason.

    Args:
        request: The fixture's request.
        members: One standalone server, or an ensemble of up to seven.
        tick_time: Seconds, 0.01 to 60. None takes the ini key ``zkwire_tick_time``, or else 0.1
            for one server and 0.2 for several.
        config: See `start_zookeeper`.
        system_properties: See `start_zookeeper`.
        tls: See `start_zookeeper`.
        sasl: See `start_zookeeper`.
        isolated: See `start_zookeeper`.

    Yields:
        The running servers, ready to serve.
    """
    from zkwire.testing import NoZooKeeperError, ZooKeeperStartError, start_zookeeper
    from zkwire.testing._launcher._request import DEFAULT_VERSION

    default = _TICK_TIME if members == 1 else _ENSEMBLE_TICK_TIME
    with ExitStack() as stack:
        try:
            servers = start_zookeeper(
                members,
                _tick_time(request.config, default) if tick_time is None else tick_time,
                version=request.config.getini("zkwire_version") or DEFAULT_VERSION,
                config=config,
                system_properties=system_properties,
                tls=tls,
                sasl=sasl,
                isolated=isolated,
                provider=_provider(request.config),
            )
            ensemble = stack.enter_context(servers)
        except (NoZooKeeperError, ZooKeeperStartError, ValueError) as error:
            # Never a skip: a green run must mean that a real server was there.
            reason = str(error)
        else:
            _note(request.config, ensemble)
            yield ensemble
            return
    pytest.fail(reason, pytrace=False)


def _provider(config: pytest.Config) -> str | None:
    """The ini file's provider; what the environment of this very run says is nearer."""
    provider: str = config.getini("zkwire_provider")
    return None if os.environ.get(_PROVIDER_VARIABLE) else provider or None


def _tick_time(config: pytest.Config, default: float) -> float:
    text: str = config.getini("zkwire_tick_time")
    try:
        return float(text) if text else default
    except ValueError:
        pytest.fail(f"zkwire_tick_time: {text!r} is not a number of seconds", pytrace=False)


# --- which servers they were ---------------------------------------------------------------------


def _note(config: pytest.Config, ensemble: _Described) -> None:
    # Each worker and each test has its own addresses; one line for each kind of server is enough.
    kind = f"{ensemble.provider} {ensemble.version} {len(ensemble.servers)}"
    _seen(config).setdefault(kind, ensemble.describe())


def _seen(config: pytest.Config) -> _Seen:
    return config.stash.setdefault(_SEEN, {})


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Send what a worker of pytest-xdist has used to the process whose terminal is seen."""
    output: dict[str, object] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output[_WORKER_KEY] = _seen(session.config)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object) -> None:
    """Take what a worker of pytest-xdist has used."""
    config: pytest.Config = getattr(node, "config")  # noqa: B009  # xdist's own type
    output: dict[str, _Seen] = getattr(node, "workeroutput", {})
    for kind, line in output.get(_WORKER_KEY, {}).items():
        _seen(config).setdefault(kind, line)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Name the servers: a green run must tell what it ran against."""
    if seen := _seen(config):
        terminalreporter.section("ZooKeeper servers")
        for line in seen.values():
            terminalreporter.write_line(line)
