"""From a request to running servers: which provider, which ports, ready or not."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final

from zkwire.testing._launcher._config import MemberPorts
from zkwire.testing._launcher._debian import DebianProvider
from zkwire.testing._launcher._docker import DockerProvider
from zkwire.testing._launcher._ensemble import READY_LIMIT, Ensemble, Member, all_serve
from zkwire.testing._launcher._errors import (
    NoZooKeeperError,
    PassedOver,
    PortTakenError,
    UnavailableError,
    ZooKeeperStartError,
)
from zkwire.testing._launcher._given import GivenProvider
from zkwire.testing._launcher._maven import MavenProvider
from zkwire.testing._launcher._ports import lease_ports
from zkwire.testing._launcher._security import prepare_security
from zkwire.testing._launcher._server import GivenServers, MemberSpec
from zkwire.testing._launcher._waiting import wait_until
from zkwire.testing._launcher._words import listens, mode_or_silence, report

if TYPE_CHECKING:
    from zkwire.testing._launcher._request import Request
    from zkwire.testing._launcher._server import Provider, Runtime, Server
    from zkwire.testing._launcher._tls import TlsFiles

VARIABLE: Final = "ZKWIRE_TEST_PROVIDER"

_PROVIDERS: Final[tuple[Provider, ...]] = (
    GivenProvider(),
    DockerProvider(),
    MavenProvider(),
    DebianProvider(),
)
_PORT_ATTEMPTS = 3
_BIND_FAILURES: Final = ("BindException", "Address already in use")


def launch(request: Request, provider: str | None) -> Ensemble:
    """Start what was asked for, from the first provider that can, and wait until it is ready.

    Raises:
        ValueError: The provider's name is unknown.
        NoZooKeeperError: No provider can serve the request.
        ZooKeeperStartError: The servers were started and did not become ready.
        trio.Cancelled: In a thread of trio's, where the task that waits was cancelled;
            everything started has then been ended.
    """
    passed_over: list[PassedOver] = []
    for candidate in _candidates(provider):
        try:
            source = candidate.find(request)
            if isinstance(source, GivenServers):
                return _given(source, passed_over)
            return _start(source, request, candidate.name, passed_over)
        except UnavailableError as error:
            passed_over.append(PassedOver(candidate.name, error.reason, error.remedy))
    raise NoZooKeeperError(passed_over)


def _candidates(provider: str | None) -> tuple[Provider, ...]:
    origin = "provider"
    if provider is None:
        origin, provider = VARIABLE, os.environ.get(VARIABLE) or None
    if provider is None:
        return _PROVIDERS
    by_name = {each.name: each for each in _PROVIDERS}
    chosen = [name.strip() for name in provider.split(",")]
    for name in chosen:
        if name not in by_name:
            raise ValueError(
                f"{origin}: there is no provider {name!r}; there are {', '.join(by_name)}"
            )
    return tuple(by_name[name] for name in chosen)


def _given(source: GivenServers, passed_over: list[PassedOver]) -> Ensemble:
    members: list[Member] = []
    for number, address in enumerate(source.addresses, 1):
        members.append(Member(number, address, None, members))
    return Ensemble(
        members,
        provider=GivenProvider.name,
        passed_over=passed_over,
        version=report(members[0].address).version,
        close=lambda: None,
    )


def _start(
    runtime: Runtime, request: Request, provider: str, passed_over: list[PassedOver]
) -> Ensemble:
    for attempt in range(1, _PORT_ATTEMPTS + 1):
        with ExitStack() as stack:
            try:
                members, tls = _start_members(runtime, request, stack)
            except PortTakenError as error:
                if attempt == _PORT_ATTEMPTS:
                    raise ZooKeeperStartError(
                        f"a port was taken {attempt} times in a row: {error}"
                    ) from error
                continue
            return Ensemble(
                members,
                provider=provider,
                passed_over=passed_over,
                version=report(members[0].address).version,
                tls=tls,
                close=stack.pop_all().close,
            )
    raise AssertionError("the last attempt returns or raises")


def _start_members(
    runtime: Runtime, request: Request, stack: ExitStack
) -> tuple[list[Member], TlsFiles | None]:
    """Start all members; the stack then ends them and frees what they hold."""
    directory = tempfile.mkdtemp(prefix="zkwire-zookeeper-")
    stack.callback(shutil.rmtree, directory, ignore_errors=True)
    security = prepare_security(request, Path(directory, "security"))
    leases = lease_ports((3 if security.tls is None else 4) * request.members)
    for lease in leases:
        stack.callback(lease.release)
    numbers = iter([lease.port for lease in leases])
    ports = [
        MemberPorts(
            client=next(numbers),
            quorum=next(numbers),
            election=next(numbers),
            secure=None if security.tls is None else next(numbers),
        )
        for _ in range(request.members)
    ]
    members: list[Member] = []
    servers: list[Server] = []
    for number, each in enumerate(ports, 1):
        own = Path(directory, str(number))
        own.mkdir()
        spec = MemberSpec(request=request, id=number, ports=ports, security=security, directory=own)
        server = runtime.create(spec)
        stack.callback(server.close)
        servers.append(server)
        member = Member(number, each.address, server, members, secure_address=each.secure_address)
        members.append(member)
    for server in servers:
        server.start()
    _wait_ready(members)
    return members, security.tls


def _wait_ready(members: list[Member]) -> None:
    """Wait for one leader, or one standalone server, with everyone else following.

    Raises:
        PortTakenError: A server could not bind one of its ports.
        ZooKeeperStartError: They were not ready in time, or one of them has ended.
    """
    modes: list[str | None] = []

    def settled() -> bool:
        modes[:] = [mode_or_silence(each.address) for each in members]
        return _all_ready(members, modes) or not all(each.running for each in members)

    wait_until(settled, READY_LIMIT)
    if _all_ready(members, modes) and all(each.running for each in members):
        return
    logs = {each: each.log_tail() for each in members}
    for member, log in logs.items():
        if any(sign in log for sign in _BIND_FAILURES):
            raise PortTakenError(f"{member!r}: {log}")
    report_lines = [
        f"{member!r} {'runs' if member.running else 'has ended'}, mode {mode}; its log ends:\n{log}"
        for (member, log), mode in zip(logs.items(), modes, strict=True)
    ]
    raise ZooKeeperStartError(
        f"not ready within {READY_LIMIT:g} s, or ended:\n" + "\n".join(report_lines)
    )


def _all_ready(members: list[Member], modes: list[str | None]) -> bool:
    # A server opens the port of TLS after the other one.
    return all_serve(modes) and all(
        each.secure_address is None or listens(each.secure_address) for each in members
    )
