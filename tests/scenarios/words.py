"""What servers tell without a session."""

from __future__ import annotations

import trio

from scenarios._registry import scenario
from scenarios._stage import Stage
from zkwire import CreateMode


def figures(answer: str) -> dict[str, str]:
    """The lines of ``mntr``."""
    return dict(line.split("\t", 1) for line in answer.splitlines() if "\t" in line)


async def quiet(stage: Stage) -> None:
    """Wait until nothing is left of the scenarios before."""
    while True:
        found = figures(await stage.word("mntr"))
        if found["zk_ephemerals_count"] == found["zk_watch_count"] == "0":
            return
        await trio.sleep(0.05)


@scenario()
async def the_short_ones(stage: Stage) -> object:
    assert await stage.word("ruok") == "imok"
    srvr = await stage.word("srvr")
    assert "Mode: standalone" in srvr
    assert srvr.startswith("Zookeeper version: 3.9")
    conf = dict(
        line.split("=", 1) for line in (await stage.word("conf")).splitlines() if "=" in line
    )
    kept = {name: conf[name] for name in ("tickTime", "minSessionTimeout", "maxSessionTimeout")}
    assert kept == {"tickTime": "100", "minSessionTimeout": "200", "maxSessionTimeout": "2000"}
    return await stage.word("isro"), kept


@scenario(control=True)
async def figures_follow_what_clients_do(stage: Stage) -> object:
    home, seen = stage.home, []
    names = ("zk_server_state", "zk_watch_count", "zk_ephemerals_count", "zk_num_alive_connections")

    async def look() -> None:
        found = figures(await stage.word("mntr"))
        seen.append([found[name] for name in names])

    await quiet(stage)
    async with stage.connect() as zk:
        await zk.create(f"{home}/e", mode=CreateMode.EPHEMERAL)
        await zk.exists_and_watch(f"{home}/a")
        await zk.get_and_watch(f"{home}/e")
        await zk.get_children_and_watch(home)
        await look()
        await zk.delete(f"{home}/e")
        await look()
    await look()
    assert seen[0] == ["standalone", "3", "1", "2"], "the word's own connection counts"
    assert seen[2][1:3] == ["0", "0"]
    return seen
