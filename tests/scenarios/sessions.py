"""Sessions: granted, kept, taken up again, refused, ended."""

from __future__ import annotations

import trio

from scenarios._registry import scenario
from scenarios._stage import Stage
from scenarios._transcript import fate
from zkwire import (
    Connection,
    ConnectionLost,
    CreateMode,
    Outcome,
    ServerUnusable,
    SessionCredentials,
    SessionExpired,
    Zxid,
)

SHORT = 0.6


async def attaching(stage: Stage, zk: Connection, **options: object) -> object:
    """The error by which the servers refuse a session, which they must."""

    async def attach() -> None:
        async with stage.attach(zk, **options):
            pass

    return await fate(attach())


@scenario()
async def the_timeout_is_held_to_the_limits(stage: Stage) -> object:
    seen = {}
    for asked in (0.001, 0.2, 0.201, 1.2345, 2.0, 2.5, 3600.0):
        async with stage.connect(session_timeout=asked) as zk:
            seen[asked] = zk.session.negotiated_timeout
            assert zk.session.credentials.id != 0
            assert len(zk.session.credentials.password) == 16
            assert not zk.session.read_only
    assert (seen[0.001], seen[1.2345], seen[3600.0]) == (0.2, 1.234, 2.0)
    return seen


@scenario()
async def a_session_asks_anew_for_its_timeout(stage: Stage) -> object:
    seen = []
    async with stage.connect(session_timeout=1.0) as zk:
        zk.detach()
    for asked in (2.0, 0.5, 10.0):
        async with stage.attach(zk, session_timeout=asked) as again:
            assert again.session.credentials == zk.session.credentials
            seen.append(again.session.negotiated_timeout)
            again.detach()
    assert seen == [2.0, 0.5, 2.0]
    return seen


@scenario()
async def pings_keep_an_idle_session(stage: Stage) -> object:
    async with stage.connect(session_timeout=SHORT) as zk:
        path = await zk.create(f"{stage.home}/e", mode=CreateMode.EPHEMERAL)
        began = trio.current_time()
        while zk.last_contact < began + 2 * SHORT:
            await trio.sleep(SHORT / 6)
            assert zk.is_alive
        stat = await zk.exists(path)
        assert stat is not None
        return stat


@scenario()
async def attaching_again_starts_its_clock_anew(stage: Stage) -> object:
    path = f"{stage.home}/e"
    async with stage.connect(session_timeout=1.0) as zk:
        await zk.create(path, mode=CreateMode.EPHEMERAL)
        zk.detach()
    for _ in range(4):
        await trio.sleep(0.4)
        async with stage.attach(zk) as again:
            stat = await again.exists(path)
            assert stat is not None
            again.detach()
    return stat


@scenario()
async def a_wrong_password_looks_like_expiry_and_is_none(stage: Stage) -> object:
    path = f"{stage.home}/e"
    async with stage.connect() as zk:
        await zk.create(path, mode=CreateMode.EPHEMERAL)
        zk.detach()
    real = zk.session.credentials
    errors = [
        await attaching(stage, zk, credentials=SessionCredentials(id=real.id, password=wrong))
        for wrong in (bytes(16), real.password[::-1], b"", b"short")
    ]
    assert all(isinstance(error, SessionExpired) for error in errors), errors
    async with stage.attach(zk) as again:
        stat = await again.exists(path)
        assert stat is not None
    return errors, stat


@scenario()
async def nobody_s_session_is_refused(stage: Stage) -> object:
    async with stage.connect() as zk:
        mine = zk.session.credentials
        unknown = SessionCredentials(id=mine.id + 12345, password=mine.password)
        error = await attaching(stage, zk, credentials=unknown)
        assert isinstance(error, SessionExpired)
        await zk.sync("/")
        return error, zk.is_alive


@scenario()
async def of_two_connections_the_older_is_closed(stage: Stage) -> object:
    async with stage.connect() as first:
        await first.create(f"{stage.home}/e", mode=CreateMode.EPHEMERAL)
        async with stage.attach(first) as second:
            with trio.fail_after(10):
                await first.wait_lost()
            assert isinstance(first.failure, EOFError | trio.BrokenResourceError)
            error = await fate(first.sync("/"))
            assert isinstance(error, ConnectionLost)
            assert error.outcome is Outcome.NOT_SENT
            stat = await second.exists(f"{stage.home}/e")
            assert stat is not None
        return error, stat


@scenario()
async def a_server_behind_the_client_is_of_no_use(stage: Stage) -> object:
    async with stage.connect() as zk:
        zk.detach()
    future = Zxid(zk.last_zxid + 2**40)
    error = await attaching(stage, zk, last_zxid=future)
    assert isinstance(error, ServerUnusable)
    async with stage.attach(zk) as again:
        await again.sync("/")
        return error, again.session.credentials == zk.session.credentials
