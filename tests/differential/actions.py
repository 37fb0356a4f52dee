"""Steps, as strategies: what a sequence may do next, and how often it does which."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from differential import pools, raw
from differential.pools import ACLS, TTL
from differential.steps import AddAuth, Attach, Call, Cut, Reopen, Revive, Step
from zkwire import CreateMode, WatcherType, WatchKind
from zkwire._proto import _requests as build

_READS = {
    "get": build.get_data,
    "exists": build.exists,
    "children": build.get_children,
    "children2": build.get_children2,
}
_UNWATCHED = {"acl": build.get_acl, "count": build.get_all_children_number}
_REMOVES = {
    WatcherType.CHILDREN: (WatchKind.CHILD,),
    WatcherType.DATA: (WatchKind.DATA, WatchKind.EXIST),
    WatcherType.ANY: tuple(WatchKind),
    WatcherType.PERSISTENT: (WatchKind.PERSISTENT,),
    WatcherType.PERSISTENT_RECURSIVE: (WatchKind.PERSISTENT_RECURSIVE,),
}


def _make(session: str, path: str, data: bytes | None) -> Step:
    request = build.create(path, data, CreateMode.PERSISTENT, pools.OPEN, None)
    return Call(session, f"create({path!r}, {data!r})", request)


def _create(session: str, path: str, mode: CreateMode, acl: str, with_stat: bool) -> Step:
    method: Any = build.create2 if with_stat else build.create
    request = method(path, b"", mode, ACLS[acl], TTL if mode.has_ttl else None)
    return Call(session, f"{method.__name__}({path!r}, mode={mode.name}, acl={acl!r})", request)


def _create_with_child(
    session: str, path: str, mode: CreateMode, other: str, child_mode: CreateMode
) -> tuple[Step, ...]:
    return (
        _delete(session, path, -1),
        _create(session, path, mode, "open", True),
        _create(other, f"{path}/z", child_mode, "open", False),
    )


def _delete(session: str, path: str, version: int) -> Step:
    return Call(session, f"delete({path!r}, {version})", build.delete(path, version))


def _set(session: str, path: str, data: bytes | None, version: int) -> Step:
    request = build.set_data(path, data, version)
    return Call(session, f"set({path!r}, {data!r}, {version})", request)


def _set_acl(session: str, path: str, acl: str, version: int) -> Step:
    request = build.set_acl(path, ACLS[acl], version)
    return Call(session, f"set_acl({path!r}, {acl!r}, {version})", request)


def _set_acl_and_look(session: str, path: str, acl: str, other: str) -> tuple[Step, ...]:
    return (
        _set_acl(session, path, acl, -1),
        _read(other, path, "acl"),
        _read(other, path, "get"),
    )


def _read(session: str, path: str, what: str) -> Step:
    request: Any = {**_READS, **_UNWATCHED}[what](path)
    return Call(session, f"{what}({path!r})", request)


def _read_and_watch(session: str, path: str, what: str) -> Step:
    return Call(session, f"{what}({path!r}, watch=True)", _READS[what](path, watch=True))


def _multi(session: str, ops: list[Any]) -> Step:
    return Call(session, f"multi({ops})", build.multi(ops))


def _multi_read(session: str, ops: list[Any]) -> Step:
    return Call(session, f"multi_read({ops})", build.multi_read(ops))


def _add_watch(session: str, path: str, recursive: bool) -> Step:
    request = build.add_watch(path, recursive=recursive)
    return Call(session, f"add_watch({path!r}, recursive={recursive})", request)


def _check_watches(session: str, path: str, kind: WatcherType) -> Step:
    return Call(session, f"check_watches({path!r}, {kind.name})", build.check_watches(path, kind))


def _remove_watches(session: str, path: str, kind: WatcherType) -> Step:
    text = f"remove_watches({path!r}, {kind.name})"
    return Call(session, text, build.remove_watches(path, kind), _REMOVES[kind])


def _watch_and_remove(
    session: str, path: str, what: str, recursive: bool, kind: WatcherType
) -> tuple[Step, ...]:
    return (
        _read_and_watch(session, path, what),
        _add_watch(session, path, recursive),
        _remove_watches(session, path, kind),
    )


def _get_ephemerals(session: str, prefix: str) -> Step:
    return Call(session, f"get_ephemerals({prefix!r})", build.get_ephemerals(prefix))


def _sync(session: str, path: str) -> Step:
    return Call(session, f"sync({path!r})", build.sync(path))


def _who_am_i(session: str) -> Step:
    return Call(session, "who_am_i()", build.who_am_i())


def _raw(session: str, name: str) -> Step:
    return Call(session, name, raw.REQUESTS[name])


def _quota(session: str, path: str, limits: bytes) -> tuple[Step, ...]:
    node = f"/zookeeper/quota{path}"
    return (
        _make(session, node, b""),
        _make(session, f"{node}/zookeeper_limits", limits),
        _make(session, f"{node}/zookeeper_stats", b"count=0,bytes=0"),
    )


def _trouble(session: str, what: str, seconds: float) -> tuple[Step, ...]:
    match what:
        case "attach":
            return (Attach(session, seconds),)
        case "attach wrongly":
            return (Attach(session, seconds, right_password=False),)
        case "reopen":
            return (Reopen(session, seconds),)
        case _:
            return (Reopen(session, seconds), Revive(session))


_S = pools.SESSION
_WEIGHED: list[tuple[int, st.SearchStrategy[Any]]] = [
    (4, st.builds(_make, _S, pools.OWN, pools.DATA)),
    (4, st.builds(_create, _S, pools.CHANGED, pools.PLAIN_MODES, pools.MOSTLY_OPEN, st.booleans())),
    (
        3,
        st.builds(
            _create, _S, pools.PREFIXES, pools.NUMBERED_MODES, st.just("open"), st.booleans()
        ),
    ),
    (
        2,
        st.builds(_create_with_child, _S, pools.NEAR, pools.PLAIN_MODES, _S, pools.PLAIN_MODES),
    ),
    (6, st.builds(_set, _S, pools.PRESENT, pools.DATA, st.just(-1))),
    (2, st.builds(_set, _S, pools.WRITTEN, pools.DATA, pools.VERSION)),
    (8, st.builds(_delete, _S, pools.NEAR, st.just(-1))),
    (3, st.builds(_delete, _S, pools.ANYWHERE, pools.VERSION)),
    (2, st.builds(_set_acl, _S, pools.CHANGED, pools.ACL, pools.VERSION)),
    (3, st.builds(_set_acl_and_look, _S, pools.PRESENT, pools.ACL, _S)),
    (4, st.builds(_read, _S, pools.ANYWHERE, pools.READS)),
    (9, st.builds(_read_and_watch, _S, pools.ANYWHERE, pools.WATCHED_READS)),
    (5, st.builds(_add_watch, _S, pools.WATCHED, st.booleans())),
    (1, st.builds(_remove_watches, _S, pools.WATCHED, pools.KIND)),
    (
        2,
        st.builds(
            _watch_and_remove, _S, pools.NEAR, pools.WATCHED_READS, st.booleans(), pools.KIND
        ),
    ),
    (1, st.builds(_check_watches, _S, pools.WATCHED, pools.KIND)),
    (5, st.builds(_multi, _S, st.lists(pools.WRITE_OP, max_size=4))),
    (2, st.builds(_multi_read, _S, st.lists(pools.READ_OP, max_size=4))),
    (1, st.builds(_get_ephemerals, _S, pools.PREFIX)),
    (1, st.builds(_sync, _S, pools.OWN)),
    (1, st.builds(_who_am_i, _S)),
    (4, st.builds(_raw, _S, st.sampled_from(list(raw.REQUESTS)))),
    (1, st.builds(_quota, _S, pools.LIMITED, pools.LIMITS)),
    (2, st.builds(AddAuth, _S, st.just("digest"), pools.USERS)),
    (3, st.builds(Cut, _S)),
    (2, st.builds(_trouble, _S, pools.TROUBLE, pools.SECONDS)),
]
ACTION = st.sampled_from(
    [strategy for weight, strategy in _WEIGHED for _ in range(weight)]
).flatmap(lambda strategy: strategy)
"""A step, or several that belong together."""
