"""Who may do what."""

from __future__ import annotations

import base64
import hashlib

import trio

from scenarios._registry import scenario
from scenarios._stage import Stage
from scenarios._transcript import error_of, fate, refusal
from zkwire import Acl, BadVersion, Identity, InvalidAcl, NoAuth, Perms

ANYONE = Identity("world", "anyone")
BOB = ("digest", b"bob:secret")
EVE = ("digest", b"eve:secret")


def digest(name: str, password: str) -> Identity:
    """Somebody, as servers keep them."""
    digested = hashlib.sha1(f"{name}:{password}".encode(), usedforsecurity=False).digest()
    return Identity("digest", f"{name}:{base64.b64encode(digested).decode()}")


@scenario()
async def each_permission_allows_its_own_operations(stage: Stage) -> object:
    seen = {}
    async with stage.connect() as zk:
        for perms in (Perms.READ, Perms.WRITE, Perms.CREATE, Perms.DELETE, Perms.ADMIN):
            path = f"{stage.home}/{perms.name}"
            # The list of rights last: without ADMIN nobody can give them back.
            await zk.create(path)
            await zk.create(f"{path}/child")
            await zk.set_acl(path, [Acl(perms, ANYONE)])
            seen[perms] = [
                await fate(zk.get(path)),
                await fate(zk.exists(path)),
                await fate(zk.get_children(path)),
                await fate(zk.get_acl(path)),
                await fate(zk.set(path, b"1")),
                await fate(zk.create(f"{path}/new")),
                await fate(zk.delete(f"{path}/child")),
                await fate(zk.set_acl(path, [Acl(perms, ANYONE)])),
            ]
    refused = {perms: [isinstance(each, NoAuth) for each in row] for perms, row in seen.items()}
    assert refused[Perms.READ] == [False, False, False, False, True, True, True, True]
    assert refused[Perms.DELETE] == [True, True, True, True, True, True, False, True]
    return seen


@scenario()
async def a_digest_opens_what_it_has_closed(stage: Stage) -> object:
    path = f"{stage.home}/bob's"
    async with stage.connect(auth=[BOB]) as bob, stage.connect(auth=[EVE]) as eve:
        await bob.create(path, b"mine", acl=[Acl(Perms.ALL, digest("bob", "secret"))])
        await bob.sync(path)
        got = await bob.get(path)
        assert got[0] == b"mine"
        errors = [
            await refusal(eve.get(path), NoAuth),
            await refusal(eve.set(path, b"hers"), NoAuth),
            await refusal(eve.get_acl(path), NoAuth),
            await refusal(eve.set_acl(path, [Acl(Perms.ALL, ANYONE)]), NoAuth),
        ]
        # Its parent is everybody's, and that is what counts here.
        await eve.delete(path)
        return got, await fate(bob.get_acl(path)), errors, await bob.exists(path)


@scenario()
async def the_scheme_auth_stands_for_whoever_asks(stage: Stage) -> object:
    path, acl = f"{stage.home}/n", [Acl(Perms.ALL, Identity("auth", ""))]
    async with stage.connect() as nobody, stage.connect(auth=[BOB, EVE]) as both:
        errors = [await refusal(nobody.create(path, acl=acl), InvalidAcl)]
        await both.create(path, b"1", acl=acl)
        stored, stat = await both.get_acl(path)
        assert {each.identity for each in stored} == {
            digest("bob", "secret"),
            digest("eve", "secret"),
        }
        errors.append(await refusal(nobody.get(path), NoAuth))
        await nobody.add_auth(*BOB)
        got = await nobody.get(path)
        assert got[0] == b"1"
        return errors, set(stored), stat, got


@scenario()
async def hashes_are_shown_to_those_who_may_change_them(stage: Stage) -> object:
    path, acl = f"{stage.home}/n", [Acl(Perms.ALL, digest("bob", "secret"))]
    async with stage.connect() as zk, stage.connect(auth=[BOB]) as bob:
        await zk.create(path, acl=[*acl, Acl(Perms.READ, ANYONE)])
        await bob.sync(path)
        shown, told = (await zk.get_acl(path))[0], (await bob.get_acl(path))[0]
        assert shown[0].identity.id == "bob:x"
        assert told[0] == acl[0]
        return shown, told


@scenario()
async def acls_have_a_version_of_their_own(stage: Stage) -> object:
    path = f"{stage.home}/n"
    everybody = [Acl(Perms.ALL, ANYONE)]
    async with stage.connect() as zk:
        await zk.create(path)
        stats = [await zk.set_acl(path, everybody, 0), await zk.set_acl(path, everybody)]
        assert [stat.aversion for stat in stats] == [1, 2]
        assert all(stat.version == stat.cversion == 0 for stat in stats)
        error = await refusal(zk.set_acl(path, everybody, 1), BadVersion)
        return stats, error, await zk.get_acl(path)


@scenario()
async def acls_that_servers_refuse(stage: Stage) -> object:
    path = f"{stage.home}/n"
    async with stage.connect() as zk:
        await zk.create(path)
        identities = [
            Identity("no-such-scheme", "x"),
            Identity("world", "somebody"),
            Identity("digest", "without a colon"),
            Identity("ip", "not an address"),
            Identity("auth", ""),
        ]
        seen = []
        for identity in identities:
            acl = [Acl(Perms.ALL, identity)]
            seen.append(await fate(zk.create(f"{path}/new", acl=acl)))
            seen.append(await fate(zk.set_acl(path, acl)))
        assert all(isinstance(each, InvalidAcl) for each in seen)
        assert await zk.get_children(path) == []
        return seen, await zk.get_acl(path)


@scenario()
async def an_unknown_scheme_costs_the_connection(stage: Stage) -> object:
    async with stage.connect() as zk:
        error = await error_of(zk.add_auth("no-such-scheme", b"x"))
        with trio.fail_after(10):
            await zk.wait_lost()
        behind = await error_of(zk.exists(stage.home))
        return error, behind, zk.is_alive


@scenario()
async def identities_belong_to_the_connection(stage: Stage) -> object:
    path, acl = f"{stage.home}/n", [Acl(Perms.ALL, Identity("auth", ""))]
    async with stage.connect(auth=[BOB]) as zk:
        await zk.create(path, b"1", acl=acl)
        before = {each.scheme for each in await zk.whoami()}
        zk.detach()
    async with stage.attach(zk) as again:
        error = await refusal(again.get(path), NoAuth)
        between = {each.scheme for each in await again.whoami()}
        await again.add_auth(*BOB)
        got = await again.get(path)
        names = {each.id for each in await again.whoami() if each.scheme == "digest"}
    assert (before, between) == ({"ip", "digest"}, {"ip"})
    return before, between, error, got, names


@scenario()
async def an_address_is_an_identity(stage: Stage) -> object:
    async with stage.connect() as zk:
        ids = await zk.whoami()
        here, elsewhere = Identity("ip", "127.0.0.0/8"), Identity("ip", "192.0.2.1")
        await zk.create(f"{stage.home}/here", b"1", acl=[Acl(Perms.ALL, here)])
        await zk.create(f"{stage.home}/elsewhere", acl=[Acl(Perms.ALL, elsewhere)])
        got = await zk.get(f"{stage.home}/here")
        assert got[0] == b"1"
        return set(ids), got, await refusal(zk.get(f"{stage.home}/elsewhere"), NoAuth)
