"""checkWatches and removeWatches (17, 18)."""

# ruff: noqa: D103  # a check is described by what it expects
from __future__ import annotations

from zkwire import MarshallingError, NoNode, NoWatcher
from zkwire.conformance._calls import Link
from zkwire.conformance._check import Group
from zkwire.conformance._context import Context
from zkwire.conformance._version import Changed
from zkwire.conformance.checks.persistent_watches import PERSISTENT, RECURSIVE, beside
from zkwire.conformance.checks.watches import CHANGED, CHILDREN, CREATED

look = Group("check_watches")
remove = Group("remove_watches")
BY_CHILDREN, BY_DATA, BY_ANY, BY_PERSISTENT, BY_RECURSIVE = 1, 2, 3, 4, 5


async def both(context: Context) -> tuple[Link, str]:
    """A node with a data and a child watch."""
    link, path = await context.node()
    (await link.get_data(path, watch=True)).ok()
    (await link.get_children(path, watch=True)).ok()
    return link, path


@look("data", "ok for Data where a data watch is")
async def data(context: Context) -> str:
    link, path = await context.node()
    (await link.exists(path, watch=True)).ok()
    (await link.check_watches(path, BY_CHILDREN)).refused(NoWatcher)
    return (await link.check_watches(path, BY_DATA)).empty()


@look("children", "ok for Children where a child watch is")
async def children(context: Context) -> str:
    link, path = await context.node()
    (await link.get_children(path, watch=True)).ok()
    (await link.check_watches(path, BY_DATA)).refused(NoWatcher)
    return (await link.check_watches(path, BY_CHILDREN)).empty()


@look("any", "ok for Any where any watch is")
async def any_kind(context: Context) -> str:
    link, path = await context.node()
    (await link.get_children(path, watch=True)).ok()
    return (await link.check_watches(path, BY_ANY)).empty()


@look("none", "-121 where no watch is")
async def none(context: Context) -> str:
    link, path = await context.node()
    return (await link.check_watches(path, BY_ANY)).refused(NoWatcher)


@look("own", "-121 where another connection alone has a watch; ok from 3.6 to 3.8")
async def own(context: Context) -> str:
    link, path = await context.node()
    other = await context.connect()
    (await other.get_data(path, watch=True)).ok()
    reply = await link.check_watches(path, BY_DATA)
    if context.since((3, 6, 0)) and not context.since((3, 9, 0)):
        return reply.empty()
    return reply.refused(NoWatcher)


@look("keeps", "a watch that was checked for still fires")
async def keeps(context: Context) -> str:
    link, path = await context.node()
    (await link.get_data(path, watch=True)).ok()
    (await link.check_watches(path, BY_DATA)).ok()
    (await link.set_data(path, b"x")).ok()
    await link.heard((CHANGED, path))
    return "type 3"


@look("exist", "a watch on a missing node counts as Data")
async def exist(context: Context) -> str:
    link = await context.connect()
    (await link.exists(context.path("n"), watch=True)).refused(NoNode)
    return (await link.check_watches(context.path("n"), BY_DATA)).empty()


@look("bad_type", "-5 for a type that nobody knows")
async def bad_type(context: Context) -> str:
    link, path = await both(context)
    return (await link.check_watches(path, 9)).refused(MarshallingError)


@look(
    "recursive_as_data",
    Changed("a recursive watch answers to Data", "-121: it does not", (3, 9, 0)),
    since=(3, 6, 0),
)
async def recursive_as_data(context: Context) -> str:
    link, path = await context.node()
    (await link.add_watch(path, RECURSIVE)).ok()
    reply = await link.check_watches(path, BY_DATA)
    return reply.refused(NoWatcher) if beside(context) else reply.empty()


@look("persistent", Changed("-5 for type 4", "ok for Persistent", (3, 9, 0)), since=(3, 6, 0))
async def persistent(context: Context) -> str:
    link, path = await context.node()
    (await link.add_watch(path, PERSISTENT)).ok()
    reply = await link.check_watches(path, BY_PERSISTENT)
    return reply.empty() if beside(context) else reply.refused(MarshallingError)


@look(
    "recursive", Changed("-5 for type 5", "ok for PersistentRecursive", (3, 9, 0)), since=(3, 6, 0)
)
async def recursive(context: Context) -> str:
    link, path = await context.node()
    (await link.add_watch(path, RECURSIVE)).ok()
    reply = await link.check_watches(path, BY_RECURSIVE)
    return reply.empty() if beside(context) else reply.refused(MarshallingError)


@remove("data", "Data removes the data watch and leaves the child watch")
async def remove_data(context: Context) -> str:
    link, path = await both(context)
    observed = (await link.remove_watches(path, BY_DATA)).empty()
    (await link.set_data(path, b"x")).ok()
    (await link.create(f"{path}/c")).ok()
    await link.heard((CHILDREN, path))
    return observed


@remove("children", "Children removes the child watch and leaves the data watch")
async def remove_children(context: Context) -> str:
    link, path = await both(context)
    observed = (await link.remove_watches(path, BY_CHILDREN)).empty()
    (await link.create(f"{path}/c")).ok()
    (await link.set_data(path, b"x")).ok()
    await link.heard((CHANGED, path))
    return observed


@remove("any", "Any removes both")
async def remove_any(context: Context) -> str:
    link, path = await both(context)
    observed = (await link.remove_watches(path, BY_ANY)).empty()
    (await link.set_data(path, b"x")).ok()
    (await link.create(f"{path}/c")).ok()
    await link.heard()
    return observed


@remove("silent", "removing sends no event")
async def silent(context: Context) -> str:
    link, path = await both(context)
    (await link.remove_watches(path, BY_ANY)).ok()
    await link.heard()
    return "no event"


@remove("none", "-121 where no watch is")
async def remove_none(context: Context) -> str:
    link, path = await context.node()
    return (await link.remove_watches(path, BY_ANY)).refused(NoWatcher)


@remove("wrong_type", "-121 for Children where a data watch is, which stays")
async def wrong_type(context: Context) -> str:
    link, path = await context.node()
    (await link.get_data(path, watch=True)).ok()
    observed = (await link.remove_watches(path, BY_CHILDREN)).refused(NoWatcher)
    (await link.set_data(path, b"x")).ok()
    await link.heard((CHANGED, path))
    return observed


@remove("twice", "-121 the second time")
async def twice(context: Context) -> str:
    link, path = await both(context)
    (await link.remove_watches(path, BY_ANY)).ok()
    return (await link.remove_watches(path, BY_ANY)).refused(NoWatcher)


@remove("bad_type", "-5 for a type that nobody knows")
async def remove_bad_type(context: Context) -> str:
    link, path = await both(context)
    return (await link.remove_watches(path, 9)).refused(MarshallingError)


@remove("any_persistent", "Any removes a persistent watch", since=(3, 6, 0))
async def any_persistent(context: Context) -> str:
    link, path = await context.node()
    (await link.add_watch(path, PERSISTENT)).ok()
    observed = (await link.remove_watches(path, BY_ANY)).empty()
    (await link.set_data(path, b"x")).ok()
    (await link.create(f"{path}/c")).ok()
    await link.heard()
    return observed


@remove("any_recursive", "Any removes a recursive watch", since=(3, 6, 0))
async def any_recursive(context: Context) -> str:
    link = await context.connect()
    (await link.add_watch(context.parent, RECURSIVE)).ok()
    observed = (await link.remove_watches(context.parent, BY_ANY)).empty()
    (await link.create(context.path("n"))).ok()
    await link.heard()
    return observed


@remove("persistent", Changed("-5 for type 4", "Persistent removes it", (3, 9, 0)), since=(3, 6, 0))
async def remove_persistent(context: Context) -> str:
    link, path = await context.node()
    (await link.add_watch(path, PERSISTENT)).ok()
    reply = await link.remove_watches(path, BY_PERSISTENT)
    (await link.set_data(path, b"x")).ok()
    await link.heard(*([] if beside(context) else [(CHANGED, path)]))
    return reply.empty() if beside(context) else reply.refused(MarshallingError)


@remove(
    "recursive",
    Changed("-5 for type 5", "PersistentRecursive removes it", (3, 9, 0)),
    since=(3, 6, 0),
)
async def remove_recursive(context: Context) -> str:
    link = await context.connect()
    path = context.path("n")
    (await link.add_watch(context.parent, RECURSIVE)).ok()
    reply = await link.remove_watches(context.parent, BY_RECURSIVE)
    (await link.create(path)).ok()
    await link.heard(*([] if beside(context) else [(CREATED, path)]))
    return reply.empty() if beside(context) else reply.refused(MarshallingError)


@remove("one_of_two", "Data leaves a persistent watch on the same path", since=(3, 9, 0))
async def one_of_two(context: Context) -> str:
    link, path = await context.node()
    (await link.add_watch(path, PERSISTENT)).ok()
    (await link.get_data(path, watch=True)).ok()
    (await link.remove_watches(path, BY_DATA)).ok()
    (await link.set_data(path, b"x")).ok()
    await link.heard((CHANGED, path))
    return "the persistent one fires"


@remove("own", "-121 where another connection alone has a watch, which stays")
async def remove_own(context: Context) -> str:
    link, path = await context.node()
    other = await context.connect()
    (await other.get_data(path, watch=True)).ok()
    observed = (await link.remove_watches(path, BY_DATA)).refused(NoWatcher)
    (await link.set_data(path, b"x")).ok()
    await other.heard((CHANGED, path))
    return observed
