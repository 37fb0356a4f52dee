"""What becomes of a check: passed, failed, in error, or not applicable."""

from __future__ import annotations

from dataclasses import replace

import trio

from lying_server import DELETE, GET_DATA, NO_NODE, SILENCE, telling
from zkwire.conformance import Address, Check, Report, Target, Verdict, Version, select_checks
from zkwire.conformance._mismatch import Mismatch
from zkwire.conformance._runner import run_one

(MISSING,) = select_checks(names=["get_data.missing"])
NEWEST = Version(3, 9, 5)


def target(server, version=NEWEST):
    return Target(address=Address(server.host, server.port), version=version)


async def outcome(codes, check=MISSING, **options):
    async with telling(codes) as server:
        return await run_one(check, target(server), "/zkwire-conformance-1", **options)


def planted(run):
    return Check("planted.check", "planted", "something", (3, 5, 0), (), run)


async def test_a_server_that_answers_as_it_should_passes():
    found = await outcome({GET_DATA: NO_NODE})
    assert (found.verdict, found.observed) == (Verdict.PASS, "-101 NoNode")


async def test_a_lie_fails_and_says_what_came_back():
    found = await outcome({GET_DATA: 0})
    assert (found.verdict, found.observed) == (Verdict.FAIL, "ok")


async def test_another_code_fails_and_says_which():
    found = await outcome({GET_DATA: -102})
    assert (found.verdict, found.observed) == (Verdict.FAIL, "-102 NoAuth")


async def test_silence_fails_when_the_time_is_up():
    found = await outcome({GET_DATA: SILENCE}, limit=0.2)
    assert (found.verdict, found.observed) == (Verdict.FAIL, "no answer within 0.2 s")


async def test_a_close_fails():
    found = await outcome({GET_DATA: NO_NODE}, planted(closing))
    assert (found.verdict, found.observed) == (Verdict.FAIL, "the server closed the connection")


async def closing(context):
    link = await context.connect()
    await link.close_session()
    await link.receive()


async def test_a_fault_of_the_check_is_an_error():
    async def broken(_):
        await trio.lowlevel.checkpoint()
        raise KeyError("planted")

    found = await outcome({}, planted(broken))
    assert (found.verdict, found.observed) == (Verdict.ERROR, "KeyError: 'planted'")


async def test_what_cannot_be_cleaned_up_is_an_error():
    found = await outcome({GET_DATA: NO_NODE, DELETE: -102})
    assert found.verdict is Verdict.ERROR
    assert "could not be deleted" in found.observed


async def test_not_applicable_touches_no_server_and_is_not_passed():
    newer = replace(MISSING, since=(9, 0, 0))
    nowhere = Target(address=Address("127.0.0.1", 1), version=Version(3, 9, 5))
    found = await run_one(newer, nowhere, "/zkwire-conformance-1")
    assert (found.verdict, found.observed) == (Verdict.NOT_APPLICABLE, "needs 9.0.0")
    report = Report(nowhere, [found])
    assert report.count(Verdict.PASS) == 0
    assert not report.applicable
    assert not report.clean


async def test_a_server_that_is_not_there_is_an_error():
    nowhere = Target(address=Address("127.0.0.1", 1), version=Version(3, 9, 5))
    found = await run_one(MISSING, nowhere, "/zkwire-conformance-1")
    assert found.verdict is Verdict.ERROR
    assert "OSError" in found.observed


async def test_sessions_are_closed_when_a_check_fails():
    ended = trio.Event()

    async def failing(context):
        link = await context.connect()
        aclose = link.aclose

        async def noted():
            await aclose()
            ended.set()

        context._stack.push_async_callback(noted)
        raise Mismatch("planted")

    found = await outcome({}, planted(failing))
    assert found.verdict is Verdict.FAIL
    assert ended.is_set()
