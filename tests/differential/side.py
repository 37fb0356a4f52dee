"""One server's side of a sequence: three sessions do the steps, and the tree is looked at."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import trio

from differential.client import Client
from differential.seen import Answer, Seen
from differential.steps import (
    HOME,
    SCENE,
    SESSIONS,
    SUPER,
    AddAuth,
    Attach,
    Call,
    Cut,
    Reopen,
    Revive,
    Step,
)
from zkwire import Create, Delete, Stat
from zkwire._proto import _requests as build
from zkwire._proto._operations import SET_ACL

_DIGEST = base64.b64encode(hashlib.sha1(SUPER).digest()).decode()
TICK: Final = 2.0
"""Seconds."""
CONFIG: Final = {
    "extendedTypesEnabled": "true",
    "maxClientCnxns": 0,
    "enforceQuota": "true",
    "DigestAuthenticationProvider.superDigest": f"super:{_DIGEST}",
    # Containers and TTL nodes stay: when they are looked for is each server's own affair.
    "znode.container.checkIntervalMs": 1_000_000_000,
}
"""Lines of zoo.cfg, for either server."""
SYSTEM_PROPERTIES: Final = {
    "znode.container.checkIntervalMs": "1000000000",  # not read from zoo.cfg by a real server
    "zookeeper.forceSync": "no",  # nothing here has to outlive the machine
}
FIXED: Final = ("/", "/zookeeper", "/zookeeper/config", "/zookeeper/quota")
"""Nodes that are there before the first sequence, and behind the last."""

QUOTA: Final = "/zookeeper/quota/"

SESSION_SECONDS: Final = 30.0


class Node(NamedTuple):
    """What there is to know of a node."""

    data: Answer
    acl: Answer
    children: Answer


@dataclass
class Account:
    """What came of a sequence on one server."""

    seen: dict[str, list[Seen]]
    ids: dict[str, list[int]]
    """Of each session's incarnations, in order."""
    base_zxid: int
    """Of the last transaction before the sequence."""
    base_stats: dict[str, Stat]
    """Of the fixed nodes, which have a history."""
    trees: list[dict[str, Node]]
    """With all sessions there, and with all of them closed."""


async def perform(dial: Callable[[], Awaitable[trio.abc.Stream]], steps: Sequence[Step]) -> Account:
    """Do the steps on a server that nobody else uses; what was left there is removed first."""
    admin = Client(dial)
    await admin.open(SESSION_SECONDS)
    clients = {name: Client(dial) for name in SESSIONS}
    try:
        await admin.add_auth("digest", SUPER)
        await wipe(admin)
        (made,) = await admin.ask([build.multi([Create(path) for path in SCENE])])
        base_stats = dict(
            zip(
                FIXED,
                [each.value for each in await admin.ask(map(build.exists, FIXED))],
                strict=True,
            )
        )
        for client in clients.values():
            await client.open(SESSION_SECONDS)
        await _walk(clients, steps)
        trees = [await _tree(admin)]
        for client in clients.values():
            await client.end()
        trees.append(await _tree(admin))
    finally:
        with (
            trio.move_on_after(5, shield=True),
            suppress(OSError, trio.BrokenResourceError, trio.ClosedResourceError),
        ):
            for client in (*clients.values(), admin):
                await client.end()
    seen = {name: client.seen for name, client in clients.items()}
    ids = {name: client.ids for name, client in clients.items()}
    return Account(seen, ids, made.zxid, base_stats, trees)


async def _walk(clients: dict[str, Client], steps: Sequence[Step]) -> None:
    """Do the steps in turn; those of one session that follow each other are sent together."""
    busy: Client | None = None
    quota = False
    for index, step in enumerate(steps):
        client = clients[step.session]
        if busy is not None and (busy is not client or not isinstance(step, Call)):
            await busy.flush()
        client.step = index
        busy = None
        match step:
            case Call():
                client.send(step.request, step.removes)
                quota = quota or QUOTA in step.text
                if quota or step.request.operation is SET_ACL:
                    # A write close behind another is checked against quotas and ACLs as they
                    # are before that is applied (PrepRequestProcessor), or is not: it depends.
                    await client.flush()
                else:
                    busy = client
            case AddAuth():
                await client.add_auth(step.scheme, step.credential)
            case Cut():
                await client.cut()
            case Attach():
                await client.attach(step.timeout, right_password=step.right_password)
            case Reopen():
                await client.end()
                await client.open(step.timeout)
            case Revive():
                await client.revive()
    if busy is not None:
        await busy.flush()
    # Behind the answer to a read is nothing that an earlier step could bring.
    for client in clients.values():
        client.step = len(steps)
        await client.call(build.exists(HOME))


async def _tree(admin: Client) -> dict[str, Node]:
    found: dict[str, Node] = {}
    level = ["/"]
    while level:
        requests: list[Any] = []
        for path in level:
            requests += [build.get_data(path), build.get_acl(path), build.get_children2(path)]
        answers = await admin.ask(requests)
        below: list[str] = []
        for index, path in enumerate(level):
            data, acl, children = answers[3 * index : 3 * index + 3]
            found[path] = Node(data, acl, children)
            if children.err == 0:
                below += [f"{path.rstrip('/')}/{name}" for name in children.value[0]]
        level = below
    return found


async def wipe(admin: Client) -> None:
    """Remove what is not fixed."""
    paths = [path for path in await _tree(admin) if path not in FIXED]
    if paths:
        (answer,) = await admin.ask([build.multi([Delete(path) for path in reversed(paths)])])
        assert not any(isinstance(each, tuple) for each in answer.value), answer
