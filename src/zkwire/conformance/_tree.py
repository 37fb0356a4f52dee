"""The server's tree: what it holds, and how what a check made goes again."""

from __future__ import annotations

from collections.abc import Sequence

from zkwire import NoAuth, NoNode
from zkwire._jute import records
from zkwire.conformance._calls import Link
from zkwire.conformance._mismatch import Mismatch
from zkwire.conformance._reply import word_for

_AT_ONCE = 64


def below(parent: str, name: str) -> str:
    """The path of a child."""
    return f"/{name}" if parent == "/" else f"{parent}/{name}"


async def listing(link: Link, root: str = "/") -> set[str]:
    """The paths of all nodes from ``root`` down that stay: ephemeral ones go by themselves.

    A checkpoint.  What may not be read, or goes meanwhile, counts as a node without children.
    """
    found: set[str] = set()
    waiting = [root]
    while waiting:
        batch, waiting = waiting[:_AT_ONCE], waiting[_AT_ONCE:]
        for path, names, ephemeral in await _children(link, batch):
            if not ephemeral:
                found.add(path)
                waiting += (below(path, name) for name in names)
    return found


async def _children(link: Link, paths: Sequence[str]) -> list[tuple[str, list[str], bool]]:
    """Path, names of children and whether it is ephemeral; missing nodes are left out."""
    bodies = [records.GET_CHILDREN2_REQUEST.encode(path, False) for path in paths]
    xids = [link.take_xid() for _ in bodies]
    await link.wire.send_frames(
        [
            records.REQUEST_HEADER.encode(xid, 12) + body
            for xid, body in zip(xids, bodies, strict=True)
        ]
    )
    found: list[tuple[str, list[str], bool]] = []
    for path, xid in zip(paths, xids, strict=True):
        reply = await link.reply(xid)
        if reply.err == NoAuth.code:
            found.append((path, [], False))
        elif reply.err != NoNode.code:
            names, stat = reply.values(records.GET_CHILDREN2_RESPONSE)
            found.append((path, names or [], stat.ephemeral_owner != 0))
    return found


async def remove(link: Link, root: str) -> None:
    """Delete a node and all below it; a checkpoint.  A missing node is removed already.

    Raises:
        Mismatch: The server refused.
    """
    for name in (await _names(link, root)) or []:
        await remove(link, below(root, name))
    err = (await link.delete(root)).err
    if err not in {0, NoNode.code}:
        raise Mismatch(f"{root} could not be deleted: {word_for(err)}")


async def _names(link: Link, path: str) -> list[str] | None:
    reply = await link.get_children(path)
    return None if reply.err else reply.values(records.GET_CHILDREN_RESPONSE)[0]
