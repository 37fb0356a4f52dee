"""Three servers: one tree, one session wherever it is taken up, and members that die."""

from __future__ import annotations

from scenarios._registry import scenario
from scenarios._stage import Stage
from scenarios._transcript import error_of
from zkwire import ConnectionLost, CreateMode, Outcome, SessionWatches, Xid

# Long sessions: a real ensemble takes a second or two to elect a leader.
TICK = 0.5
LONG = 10.0
ours = scenario(members=3, control=True, tick_time=TICK)


@ours
async def one_leads_and_all_know_each_other(stage: Stage) -> object:
    leader, others = await stage.split()
    modes = [await stage.ensemble.mode(member) for member in (leader, *others)]
    assert modes == ["leader", "follower", "follower"]
    seen = []
    for member in stage.members:
        async with stage.connect(member) as zk:
            config, stat = await zk.get_config()
            lines = config.decode().splitlines()
            assert sum(line.startswith("server.") for line in lines) == 3
            assert lines[-1].startswith("version=")
            assert all(":participant;" in line for line in lines[:-1])
            seen.append((len(lines), stat.version))
            high_byte = zk.session.credentials.id >> 56 & 0xFF
            assert high_byte == member.id, "a session's number tells where it was made"
    return modes, seen


@ours
async def a_write_is_seen_at_every_member_behind_a_sync(stage: Stage) -> object:
    home, seen = stage.home, []
    async with stage.connect(stage.members[0]) as writer:
        for number, member in enumerate(stage.members):
            written = await writer.create2(f"{home}/{number}", b"%d" % number)
            async with stage.connect(member) as reader:
                await reader.sync(home)
                got = await reader.get(f"{home}/{number}")
                assert got == (b"%d" % number, written[1])
                seen.append(got)
    return seen


@ours
async def members_share_the_counters_and_the_order(stage: Stage) -> object:
    home = stage.home
    leader, (first, second) = await stage.split()
    async with (
        stage.connect(leader) as one,
        stage.connect(first) as two,
        stage.connect(second) as three,
        three.watch(home, recursive=True) as stream,
    ):
        numbered = CreateMode.PERSISTENT_SEQUENTIAL
        made = [await zk.create(f"{home}/q-", mode=numbered) for zk in (one, two, three) * 3]
        events = [await anext(stream) for _ in made]
    assert made == [f"{home}/q-{number:010}" for number in range(9)]
    assert [event.path for event in events] == made
    return made, events


@ours
async def a_watch_fires_for_a_write_at_another_member(stage: Stage) -> object:
    path = f"{stage.home}/n"
    leader, (first, second) = await stage.split()
    async with stage.connect(first) as zk, stage.connect(second) as other:
        _, absent = await zk.exists_and_watch(path)
        await other.create(path)
        events = [await absent.wait()]
        async with stage.connect(leader) as third:
            _, _, data = await zk.get_and_watch(path)
            await third.set(path, b"1")
            events.append(await data.wait())
        got, _, gone = await zk.get_and_watch(path)
        assert got == b"1"
        await other.delete(path)
        events.append(await gone.wait())
        return events


@ours
async def a_session_is_taken_up_at_another_member(stage: Stage) -> object:
    home, kept = stage.home, SessionWatches()
    _, (first, second) = await stage.split()
    async with stage.connect(first, watches=kept) as zk, stage.connect(second) as other:
        await zk.create(f"{home}/e", mode=CreateMode.EPHEMERAL)
        _, _, watch = await zk.get_and_watch(home)
        zk.detach()
        await other.set(home, b"meanwhile")
        async with stage.attach(zk, second, watches=kept) as again:
            assert again.session.credentials == zk.session.credentials
            event = await watch.wait()
            stat = await again.exists(f"{home}/e")
            assert stat is not None
            assert stat.ephemeral_owner == again.session.credentials.id
        await other.sync(home)
        assert await other.exists(f"{home}/e") is None
        return event, stat


@ours
async def the_older_connection_of_a_session_has_moved(stage: Stage) -> object:
    home = stage.home
    _, (first, second) = await stage.split()
    async with stage.connect(first) as older, stage.connect(second) as other:
        await older.create(f"{home}/e", mode=CreateMode.EPHEMERAL)
        await other.sync(home)  # a server that is behind would not take the session
        # Numbers apart, lest a write of one be taken for that of the other.
        numbers = Xid(older.next_xid + 1000)
        async with stage.attach(older, second, first_xid=numbers) as newer:
            await newer.set(home, b"1")
            # Its server does not know yet.  It answers a write by closing the connection.
            error = await error_of(older.set(home, b"2"))
            assert isinstance(error, ConnectionLost)
            assert error.outcome is Outcome.UNKNOWN
            data, _ = await newer.get(home)
            assert data == b"1"
            stat = await newer.exists(f"{home}/e")
            assert stat is not None
        return error, data, stat
