"""A member without a majority that serves those who only want to read."""

from __future__ import annotations

import trio

from scenarios._registry import scenario
from scenarios._stage import Stage
from scenarios._transcript import fate, refusal
from zkwire import CreateMode, NotReadOnly, ServerUnusable

ours = scenario(
    members=3,
    control=True,
    tick_time=0.2,
    # Without a majority there are no sessions but those of one member alone.
    config={"readonlymode.enabled": "true", "localSessionsEnabled": "true"},
)


@ours
async def a_minority_lets_clients_read(stage: Stage) -> object:
    home = stage.home
    leader, (first, second) = await stage.split()
    async with stage.connect(first) as zk:
        await zk.create(f"{home}/n", b"1")
        before = zk.session.read_only
    await leader.kill()
    await second.kill()
    while await stage.ensemble.mode(first) != "read-only":  # noqa: ASYNC110  # it tells nobody
        await trio.sleep(0.05)

    async def connect() -> None:
        async with stage.connect(first):
            pass

    refused = await fate(connect())
    assert isinstance(refused, ServerUnusable)
    async with stage.connect(first, read_only=True) as zk:
        assert zk.session.read_only
        got = await zk.get(f"{home}/n")
        assert got[0] == b"1"
        errors = [
            await refusal(zk.set(f"{home}/n", b"2"), NotReadOnly),
            await refusal(zk.create(f"{home}/m", mode=CreateMode.EPHEMERAL), NotReadOnly),
            await refusal(zk.delete(f"{home}/n"), NotReadOnly),
            await refusal(zk.sync(home), NotReadOnly),
        ]
        names = await zk.get_children(home)
        word = await stage.word("isro", first)
        _, watch = await zk.exists_and_watch(f"{home}/m")
    await leader.start()
    await stage.ensemble.wait_ready()
    async with stage.connect(first, read_only=True) as zk:
        assert not zk.session.read_only
        await zk.set(f"{home}/n", b"2")
        return before, refused, got, errors, names, word, watch.event, await zk.get(f"{home}/n")
