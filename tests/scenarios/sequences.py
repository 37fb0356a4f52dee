"""Numbered names."""

from __future__ import annotations

from scenarios._registry import scenario
from scenarios._stage import Stage
from scenarios._transcript import refusal
from zkwire import CreateMode, NodeExists, NoNode

NUMBERED = CreateMode.PERSISTENT_SEQUENTIAL


@scenario()
async def numbers_count_every_creation_below_the_parent(stage: Stage) -> object:
    home = stage.home
    async with stage.connect() as zk:
        made = [await zk.create(f"{home}/a-", mode=NUMBERED) for _ in range(3)]
        await zk.create(f"{home}/plain")
        made.append(await zk.create(f"{home}/other-", mode=NUMBERED))
        await zk.create(f"{made[0]}/deeper")
        made.append(await zk.create(f"{home}/a-", mode=CreateMode.EPHEMERAL_SEQUENTIAL))
        assert [path[-10:] for path in made] == [f"{n:010}" for n in (0, 1, 2, 4, 5)]
        return made, await zk.exists(home)


@scenario()
async def deletions_and_refusals_use_up_no_number(stage: Stage) -> object:
    home = stage.home
    async with stage.connect() as zk:
        first = await zk.create(f"{home}/a-", mode=NUMBERED)
        await zk.delete(first)
        await zk.create(f"{home}/plain")
        errors = [
            await refusal(zk.create(f"{home}/plain"), NodeExists),
            await refusal(zk.create(f"{home}/gone/a-", mode=NUMBERED), NoNode),
        ]
        second = await zk.create(f"{home}/a-", mode=NUMBERED)
        assert (first, second) == (f"{home}/a-0000000000", f"{home}/a-0000000002")
        return errors, first, second, await zk.exists(home)


@scenario()
async def a_number_alone_is_a_name(stage: Stage) -> object:
    home = stage.home
    async with stage.connect() as zk:
        made = [
            await zk.create(f"{home}/", mode=NUMBERED),
            await zk.create(f"{home}/", mode=CreateMode.EPHEMERAL_SEQUENTIAL),
            await zk.create(f"{home}/", mode=CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL, ttl=30.0),
        ]
        assert made == [f"{home}/{n:010}" for n in range(3)]
        return made


@scenario()
async def a_taken_number_is_refused(stage: Stage) -> object:
    home = stage.home
    async with stage.connect() as zk:
        await zk.create(f"{home}/a-0000000001")
        error = await refusal(zk.create(f"{home}/a-", mode=NUMBERED), NodeExists)
        # The counter stands still, so that nothing but another creation gets past it.
        again = await refusal(zk.create(f"{home}/a-", mode=NUMBERED), NodeExists)
        await zk.create(f"{home}/b")
        made = await zk.create(f"{home}/a-", mode=NUMBERED)
        assert made == f"{home}/a-0000000002"
        return error, again, made


@scenario()
async def clients_share_one_counter(stage: Stage) -> object:
    home, made = stage.home, []
    async with stage.connect() as one, stage.connect() as two:
        for _ in range(3):
            made.append(await one.create(f"{home}/q-", mode=NUMBERED))
            made.append(await two.create(f"{home}/q-", mode=CreateMode.EPHEMERAL_SEQUENTIAL))
    assert made == [f"{home}/q-{n:010}" for n in range(6)]
    async with stage.connect() as zk:
        left = sorted(await zk.get_children(home))
        stat = await zk.exists(home)
        following = await zk.create(f"{home}/q-", mode=NUMBERED)
        assert following == f"{home}/q-0000000006"
        return made, left, stat, following
