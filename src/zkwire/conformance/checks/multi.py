"""multi (14): results, roll-back, and what is not allowed inside."""

# ruff: noqa: D103  # a check is described by what it expects
from __future__ import annotations

from zkwire import MarshallingError, NoNode, OpCode, Perms, ReplyError
from zkwire._jute import records
from zkwire.conformance import _needs as needs
from zkwire.conformance._calls import END, OPEN, Link, Op, creation, listed, ttl_creation
from zkwire.conformance._check import Group
from zkwire.conformance._context import Context
from zkwire.conformance._mismatch import Mismatch, require, same
from zkwire.conformance._reply import Result, word_for
from zkwire.conformance._version import Changed

check = Group("multi")


def create(path: str, flags: int = 0) -> Op:
    """A create."""
    return OpCode.CREATE, creation(path, flags=flags)


def delete(path: str, version: int = -1) -> Op:
    """A delete."""
    return OpCode.DELETE, records.DELETE_REQUEST.encode(path, version)


def set_data(path: str, data: bytes = b"x", version: int = -1) -> Op:
    """A setData."""
    return OpCode.SET_DATA, records.SET_DATA_REQUEST.encode(path, data, version)


def check_version(path: str, version: int = -1) -> Op:
    """A check."""
    return OpCode.CHECK, records.CHECK_VERSION_REQUEST.encode(path, version)


async def only(link: Link, op: Op) -> Result:
    """The result of a multi of one."""
    (result,) = await link.multi_results(op)
    return result


async def codes(link: Link, *ops: Op) -> list[int]:
    """The codes of a multi that fails: each in its header and again behind it."""
    results = await link.multi_results(*ops)
    for result in results:
        if result.type != -1 or result.values != (result.err,):
            raise Mismatch(f"{result} among the results of a multi that failed")
    return [result.err for result in results]


@check("create", "type 1 and the path")
async def create_result(context: Context) -> str:
    link = await context.connect()
    result = await only(link, create(context.path("n")))
    same("result", result, Result(1, 0, (context.path("n"),)))
    return str(result)


@check("create2", Changed("type 1: no Stat", "type 15", (3, 7, 2), (3, 8, 2), (3, 9, 0)))
async def create2_result(context: Context) -> str:
    link = await context.connect()
    result = await only(link, (OpCode.CREATE2, creation(context.path("n"))))
    same("type", result.type, 15 if context.since((3, 7, 2), (3, 8, 2), (3, 9, 0)) else 1)
    same("path", result.values[0], context.path("n"))
    return str(result)


@check("container", "a container comes back as type 15, with a Stat", since=(3, 5, 1))
async def container_result(context: Context) -> str:
    link = await context.connect()
    op = (OpCode.CREATE_CONTAINER, creation(context.path("n"), flags=4))
    result = await only(link, op)
    same("type", result.type, 15)
    return str(result)


@check("ttl", "a TTL node comes back as type 15, with a Stat", since=(3, 5, 3), needs=[needs.ttl])
async def ttl_result(context: Context) -> str:
    link = await context.connect()
    result = await only(link, (OpCode.CREATE_TTL, ttl_creation(context.path("n"), 60_000)))
    same("type", result.type, 15)
    return str(result)


@check("delete", "type 2 and nothing")
async def delete_result(context: Context) -> str:
    link, path = await context.node()
    same("result", result := await only(link, delete(path)), Result(2, 0, ()))
    return str(result)


@check("set_data", "type 5 and the Stat")
async def set_data_result(context: Context) -> str:
    link, path = await context.node()
    result = await only(link, set_data(path))
    same("type", result.type, 5)
    same("Stat", result.values[0], (await link.exists(path)).stat())
    return str(result)


@check("check", "type 13 and nothing")
async def check_result(context: Context) -> str:
    link, path = await context.node()
    same("result", result := await only(link, check_version(path, 0)), Result(13, 0, ()))
    return str(result)


@check("empty", "an empty list comes back for an empty list")
async def empty(context: Context) -> str:
    link = await context.connect()
    same("body", (await link.multi()).ok().body, END)
    return "ok, end header alone"


@check("order", "results in the order of the operations")
async def order(context: Context) -> str:
    link, path = await context.node()
    results = await link.multi_results(
        check_version(path), create(context.path("a")), set_data(path), delete(path)
    )
    same("types", [result.type for result in results], [13, 1, 5, 2])
    return "types 13, 1, 5, 2"


@check("sees_itself", "later operations see earlier ones")
async def sees_itself(context: Context) -> str:
    link = await context.connect()
    path = context.path("n")
    results = await link.multi_results(
        create(path), set_data(path, b"x", 0), check_version(path, 1), delete(path, 1)
    )
    same("types", [result.type for result in results], [1, 5, 13, 2])
    (await link.exists(path)).refused(NoNode)
    return "created, written, checked, deleted"


@check("one_zxid", "all operations share one zxid")
async def one_zxid(context: Context) -> str:
    link = await context.connect()
    await link.multi_results(create(context.path("a")), create(context.path("b")))
    first = (await link.exists(context.path("a"))).stat().czxid
    same("czxid", (await link.exists(context.path("b"))).stat().czxid, first)
    return "one zxid"


@check("ephemeral", "an ephemeral node made inside belongs to the session")
async def ephemeral(context: Context) -> str:
    link = await context.connect()
    await link.multi_results(create(context.path("e"), flags=1))
    owner = (await link.exists(context.path("e"))).stat().ephemeral_owner
    same("owner", owner, link.session_id)
    return "owner is the session"


@check("sequential", "numbers count on within one multi")
async def sequential(context: Context) -> str:
    link = await context.connect()
    op = create(context.path("s-"), flags=2)
    results = await link.multi_results(op, op)
    numbers = [str(result.values[0])[-10:] for result in results]
    same("numbers", numbers, ["0000000000", "0000000001"])
    return "0, 1"


@check("sequential_rolled_back", "numbers of a multi that failed are given again")
async def sequential_rolled_back(context: Context) -> str:
    link, path = await context.node()
    op = create(f"{path}/s-", flags=2)
    await codes(link, op, check_version(path, 7))
    result = await only(link, op)
    same("path", result.values[0], f"{path}/s-0000000000")
    return "0 again"


@check("failure", "err 0; then 0 before, the code at, and -2 behind the one that failed")
async def failure(context: Context) -> str:
    link = await context.connect()
    path = context.path("n")
    found = await codes(link, create(path), check_version(path, 7), delete(path))
    same("codes", found, [0, -103, -2])
    return "0, -103, -2"


@check("failure_bytes", "error entries are 13 bytes each: type -1, not done, the code twice")
async def failure_bytes(context: Context) -> str:
    link = await context.connect()
    path = context.path("n")
    reply = await link.multi(create(path), check_version(path, 7), delete(path))
    expected = "ffffffff000000000000000000 ffffffff00ffffff99ffffff99 ffffffff00fffffffefffffffe"
    same("body", reply.ok().body.hex(), expected.replace(" ", "") + END.hex())
    return "as expected"


@check("rolled_back", "nothing of a multi that failed is there")
async def rolled_back(context: Context) -> str:
    link, path = await context.node()
    missing = context.path("missing")
    await codes(link, create(context.path("a")), set_data(path), delete(missing))
    (await link.exists(context.path("a"))).refused(NoNode)
    same("version", (await link.exists(path)).stat().version, 0)
    return "nothing"


async def fails_with(link: Link, code: int, op: Op) -> str:
    """The code of a multi of one that fails."""
    same("codes", await codes(link, op), [code])
    return word_for(code)


@check("create_exists", "-110 inside")
async def create_exists(context: Context) -> str:
    return await fails_with(await context.connect(), -110, create(context.parent))


@check("create_no_parent", "-101 inside")
async def create_no_parent(context: Context) -> str:
    return await fails_with(await context.connect(), -101, create(context.path("missing/n")))


@check("create_bad_path", "-8 inside")
async def create_bad_path(context: Context) -> str:
    return await fails_with(await context.connect(), -8, create(context.path("..")))


@check("delete_missing", "-101 inside")
async def delete_missing(context: Context) -> str:
    return await fails_with(await context.connect(), -101, delete(context.path("missing")))


@check("delete_bad_version", "-103 inside")
async def delete_bad_version(context: Context) -> str:
    link, path = await context.node()
    return await fails_with(link, -103, delete(path, 7))


@check("delete_not_empty", "-111 inside")
async def delete_not_empty(context: Context) -> str:
    link, _ = await context.node()
    return await fails_with(link, -111, delete(context.parent))


@check("set_data_bad_version", "-103 inside")
async def set_data_bad_version(context: Context) -> str:
    return await fails_with(await context.connect(), -103, set_data(context.parent, b"", 7))


@check("set_data_missing", "-101 inside")
async def set_data_missing(context: Context) -> str:
    return await fails_with(await context.connect(), -101, set_data(context.path("missing")))


@check("check_missing", "-101 inside")
async def check_missing(context: Context) -> str:
    return await fails_with(await context.connect(), -101, check_version(context.path("missing")))


@check("check_bad_version", "-103 inside")
async def check_bad_version(context: Context) -> str:
    return await fails_with(await context.connect(), -103, check_version(context.parent, 7))


@check("no_auth", "-102 inside", needs=[needs.acls])
async def no_auth(context: Context) -> str:
    link = await context.connect()
    path = context.path("n")
    (await link.create(path, acl=[OPEN[0]._replace(perms=Perms.READ)])).ok()
    return await fails_with(link, -102, set_data(path))


@check("check_no_auth", "-102 inside for a check without READ", needs=[needs.acls])
async def check_no_auth(context: Context) -> str:
    link = await context.connect()
    path = context.path("n")
    (await link.create(path, acl=[OPEN[0]._replace(perms=Perms.ADMIN)])).ok()
    return await fails_with(link, -102, check_version(path))


async def unreadable(context: Context, *ops: Op) -> str:
    """The refusal of a whole multi."""
    link = await context.connect()
    refusal: type[ReplyError] = MarshallingError
    observed = (await link.multi(*ops)).refused(refusal)
    (await link.ping()).ok()
    return observed


@check("set_acl_inside", "-5 for the whole: setACL is not allowed")
async def set_acl_inside(context: Context) -> str:
    body = records.SET_ACL_REQUEST.encode(context.parent, OPEN, -1)
    return await unreadable(context, (OpCode.SET_ACL, body))


@check("exists_inside", "-5 for the whole: exists is not allowed")
async def exists_inside(context: Context) -> str:
    return await unreadable(context, (3, records.EXISTS_REQUEST.encode(context.parent, False)))


@check("sync_inside", "-5 for the whole: sync is not allowed")
async def sync_inside(context: Context) -> str:
    return await unreadable(context, (OpCode.SYNC, records.SYNC_REQUEST.encode(context.parent)))


@check("multi_inside", "-5 for the whole: a multi is not allowed")
async def multi_inside(context: Context) -> str:
    return await unreadable(context, (OpCode.MULTI, END))


@check("read_inside", "-5 for the whole: reads are not allowed")
async def read_inside(context: Context) -> str:
    return await unreadable(context, (4, records.GET_DATA_REQUEST.encode(context.parent, False)))


@check("nothing_before_refusal", "-5 for the whole applies nothing of what came before")
async def nothing_before_refusal(context: Context) -> str:
    exists = (OpCode.EXISTS, records.EXISTS_REQUEST.encode(context.parent, False))
    await unreadable(context, create(context.path("a")), exists)
    link = await context.connect()
    return (await link.exists(context.path("a"))).refused(NoNode)


@check("cut_off", "-5 for a list without its end")
async def cut_off(context: Context) -> str:
    link = await context.connect()
    reply = await link.call(OpCode.MULTI, listed([create(context.path("a"))]))
    observed = reply.refused(MarshallingError)
    (await link.exists(context.path("a"))).refused(NoNode)
    return observed


@check("events", "each change inside fires its watches, in the order of the operations")
async def events(context: Context) -> str:
    link, path = await context.node()
    watcher = await context.connect()
    (await watcher.get_data(path, watch=True)).ok()
    (await watcher.exists(context.path("new"), watch=True)).refused(NoNode)
    await link.multi_results(create(context.path("new")), set_data(path))
    heard = await watcher.heard((1, context.path("new")), (3, path))
    require(len({event.zxid for event in heard}) == 1, f"{heard}")
    return "created, then changed"
