"""The two ways in: one for trio, one for synchronous code such as session-scoped fixtures."""

from __future__ import annotations

from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import TYPE_CHECKING

import trio

from zkwire.testing._launcher._async_ensemble import AsyncEnsemble
from zkwire.testing._launcher._launch import launch
from zkwire.testing._launcher._request import DEFAULT_VERSION, Request

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator, Mapping

    from zkwire.testing._launcher._ensemble import Ensemble
    from zkwire.testing._launcher._request import ConfigValue
    from zkwire.testing._launcher._tls import TlsFiles

# Seconds for SIGKILL and docker rm to take effect on every member.
_CLOSE_GRACE = 60.0


@contextmanager
def start_zookeeper(
    members: int = 1,
    tick_time: float = 0.2,
    *,
    version: str = DEFAULT_VERSION,
    config: Mapping[str, ConfigValue] | None = None,
    system_properties: Mapping[str, str] | None = None,
    tls: bool | TlsFiles = False,
    sasl: Mapping[str, str] | None = None,
    isolated: bool = False,
    provider: str | None = None,
) -> Generator[Ensemble, None, None]:
    """Start real ZooKeeper servers and end them when the block is left.

    The servers die with this process too, however it ends; containers do where the engine's
    reaper (Ryuk) is enabled.

    Args:
        members: One standalone server, or an ensemble of up to seven.
        tick_time: Seconds, 0.01 to 60. A session timeout is negotiated within 2 to 20 ticks.
        version: ``"3.9"`` or ``"3.9.5"``. The default is a preference: a provider that has
            another version is taken all the same. Any other value is a requirement.
        config: More lines of zoo.cfg, laid over the launcher's own.
        system_properties: More JVM system properties, without the ``-D``.
        tls: Whether each member listens for TLS too, at its ``secure_address``, with
            certificates for ``localhost`` and 127.0.0.1 (the ``testing`` extra makes them),
            or the files to do it with. Clients must show a certificate of the same
            authority, unless ``config`` says ``ssl.clientAuth``.
        sasl: Names and passwords of users who can log in by DIGEST-MD5.
        isolated: Whether each member runs in a network namespace of its own, so that
            `Member.partition` and `Member.lag` work. That takes two members or more, Linux,
            root, the commands ``ip``, ``iptables`` and ``nsenter``, and a local JVM: other
            providers are passed over. The client addresses stay on 127.0.0.1; a process
            forwards them, which adds 0.05 ms to an exchange (measured on two cores).
        provider: ``"given"``, ``"docker"``, ``"maven"`` or ``"debian"``, or several with commas
            between them, to be tried in that order. Default: what ``ZKWIRE_TEST_PROVIDER``
            says, or the first of these four that works.

    Yields:
        The running servers, ready to serve.

    Raises:
        TypeError: ``members`` or ``tick_time`` is not a number.
        ValueError: An argument is out of range, or names an unknown provider.
        NoZooKeeperError: No provider works here; the message says what to install.
        ZooKeeperStartError: The servers did not become ready within 30 seconds.
    """
    request = Request(
        members=members,
        tick_time=tick_time,
        version=version,
        config=dict(config or {}),
        system_properties=dict(system_properties or {}),
        tls=tls,
        sasl=dict(sasl or {}),
        isolated=isolated,
    )
    ensemble = launch(request, provider)
    try:
        yield ensemble
    finally:
        ensemble.close()


@asynccontextmanager
async def open_zookeeper(
    members: int = 1,
    tick_time: float = 0.2,
    *,
    version: str = DEFAULT_VERSION,
    config: Mapping[str, ConfigValue] | None = None,
    system_properties: Mapping[str, str] | None = None,
    tls: bool | TlsFiles = False,
    sasl: Mapping[str, str] | None = None,
    isolated: bool = False,
    provider: str | None = None,
) -> AsyncGenerator[AsyncEnsemble, None]:
    """Start real ZooKeeper servers and end them when the block is left.

    Entering and leaving are checkpoints. Cancelled while entering, it ends what it has started;
    leaving ends the servers even when cancelled.

    Args:
        members: One standalone server, or an ensemble of up to seven.
        tick_time: Seconds, 0.01 to 60. A session timeout is negotiated within 2 to 20 ticks.
        version: See `start_zookeeper`.
        config: More lines of zoo.cfg, laid over the launcher's own.
        system_properties: More JVM system properties, without the ``-D``.
        tls: See `start_zookeeper`.
        sasl: See `start_zookeeper`.
        isolated: See `start_zookeeper`.
        provider: See `start_zookeeper`.

    Yields:
        The running servers, ready to serve.

    Raises:
        TypeError: ``members`` or ``tick_time`` is not a number.
        ValueError: An argument is out of range, or names an unknown provider.
        NoZooKeeperError: No provider works here; the message says what to install.
        ZooKeeperStartError: The servers did not become ready within 30 seconds.
    """
    request = Request(
        members=members,
        tick_time=tick_time,
        version=version,
        config=dict(config or {}),
        system_properties=dict(system_properties or {}),
        tls=tls,
        sasl=dict(sasl or {}),
        isolated=isolated,
    )
    core = await trio.to_thread.run_sync(partial(launch, request, provider))
    try:
        yield AsyncEnsemble(core)
    finally:
        with trio.move_on_after(_CLOSE_GRACE, shield=True):
            await trio.to_thread.run_sync(core.close)
