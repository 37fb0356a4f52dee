"""The conformance suite on a real server: as a run, as a command, and as somebody's tests."""

from __future__ import annotations

import json
import sys

import pytest
import trio

import zkwire
from real_server import connect
from zkwire.conformance import (
    Check,
    Mismatch,
    UnusableTarget,
    Verdict,
    _target,
    all_checks,
    parse_address,
    parse_version,
    pytest_checks,
    run_checks,
    select_checks,
)

pytestmark = pytest.mark.zk


@pytest.fixture
def server(zookeeper):
    return zookeeper.servers[0]


async def run(server, checks, **options):
    with trio.fail_after(100):
        return await run_checks(parse_address(server), checks, **options)


async def test_nothing_is_unexpected_and_nothing_is_left_behind(server):
    report = await run(server, all_checks())
    assert [(each.check.name, each.observed) for each in report.unexpected] == []
    assert report.left_behind == []
    assert report.clean
    assert report.count(Verdict.PASS) >= 150


async def test_a_feature_that_the_version_lacks_is_not_applicable(server):
    checks = select_checks(["add_watch"])
    report = await run(server, checks, version=parse_version("3.5.10"))
    assert {each.verdict for each in report.outcomes} == {Verdict.NOT_APPLICABLE}
    assert not report.clean


async def test_a_wrong_version_is_noticed(zookeeper, server):
    if zookeeper.version < "3.7":
        pytest.skip("the server knows no whoAmI")
    checks = select_checks(names=["opcodes.who_am_i"])
    (outcome,) = (await run(server, checks, version=parse_version("3.6.4"))).outcomes
    assert (outcome.verdict, outcome.observed) == (Verdict.FAIL, "ok")


async def leak(context):
    link = await context.connect()
    (await link.create(f"/{context.parent.split('/')[1]}-leak")).ok()
    return "leaked"


def planted(run):
    return Check("planted.check", "planted", "something", (3, 5, 0), (), run)


async def test_what_a_check_leaves_behind_is_reported(zookeeper, server):
    report = await run(server, [planted(leak)])
    async with connect(zookeeper) as zk:
        for path in report.left_behind:
            await zk.delete(path)
    (path,) = report.left_behind
    assert path.endswith("-leak")
    assert [each.verdict for each in report.outcomes] == [Verdict.PASS]
    assert not report.clean


async def test_what_goes_meanwhile_is_reported(zookeeper, server):
    async with connect(zookeeper) as zk:
        path = await zk.create("/gone-", mode=zkwire.CreateMode.PERSISTENT_SEQUENTIAL)

        async def remove(_):
            await zk.delete(path)
            return "removed"

        report = await run(server, [planted(remove)])
    assert report.gone == [path]
    assert report.clean


async def test_a_failing_check_leaves_nothing_behind(server):
    async def failing(context):
        link, path = await context.node()
        (await link.create(f"{path}/deeper")).ok()
        raise Mismatch(f"planted at {path}")

    report = await run(server, [planted(failing)])
    (outcome,) = report.unexpected
    assert outcome.observed == "planted at …/n"
    assert report.left_behind == []


async def test_cancelled_halfway_it_leaves_nothing_behind(zookeeper, server):
    started = trio.Event()

    async def waiting(context):
        await context.node()
        started.set()
        await trio.sleep_forever()

    async with connect(zookeeper) as zk:
        before = await zk.get_children("/")
        async with trio.open_nursery() as nursery:
            nursery.start_soon(run, server, [planted(waiting)])
            await started.wait()
            assert len(await zk.get_children("/")) == len(before) + 1
            nursery.cancel_scope.cancel()
        assert sorted(await zk.get_children("/")) == sorted(before)


async def test_the_command(server, tmp_path):
    path = tmp_path / "report.json"
    command = [sys.executable, "-m", "zkwire.conformance", server]
    done = await trio.run_process(
        [*command, "--group", "sync", "--check", "headers.xid", "--json", str(path)],
        capture_stdout=True,
    )
    assert b"4 checks: 4 pass" in done.stdout
    report = json.loads(path.read_text(encoding="utf-8"))
    assert report["clean"] is True
    assert report["server"]["address"] == server
    assert [each["name"] for each in report["checks"]][:2] == ["headers.xid", "sync.path"]
    assert {each["verdict"] for each in report["checks"]} == {"pass"}
    assert report["checks"][1]["observed"] == "the path"


async def test_the_command_says_by_its_status_what_is_wrong(zookeeper, server):
    if zookeeper.version < "3.7":
        pytest.skip("the server knows no whoAmI")
    wrong = ["--server-version", "3.6.4", "--check", "opcodes.who_am_i"]
    command = [sys.executable, "-m", "zkwire.conformance", server, *wrong]
    done = await trio.run_process(command, capture_stdout=True, check=False)
    assert done.returncode == 1
    assert b"1 fail" in done.stdout


# How another suite would import checks as tests of its own.
test_checks_as_tests = pytest_checks(fixture="server", groups=["sync"], names=["headers.xid"])


def test_a_failing_check_fails_its_test(server, request):
    (check,) = select_checks(names=["opcodes.who_am_i"])
    test = pytest_checks(server, names=[check.name], server_version="3.6.4")
    with pytest.raises(pytest.fail.Exception, match="came back: ok"):
        test(check, request)


def test_a_check_that_is_not_applicable_is_skipped(server, request):
    (check,) = select_checks(names=["add_watch.missing"])
    test = pytest_checks(server, names=[check.name], server_version="3.5.10")
    with pytest.raises(pytest.skip.Exception, match=r"needs 3\.6\.0"):
        test(check, request)


@pytest.mark.parametrize("given", [{}, {"address": "h:1", "fixture": "server"}])
def test_either_an_address_or_a_fixture(given):
    with pytest.raises(ValueError, match="either"):
        pytest_checks(**given)


async def test_a_version_is_asked_for_where_the_server_does_not_say(server, monkeypatch):
    async def silence(*_):
        await trio.lowlevel.checkpoint()

    monkeypatch.setattr(_target, "ask", silence)
    with pytest.raises(UnusableTarget, match="--server-version"):
        await run(server, select_checks(["sync"]))
    report = await run(server, select_checks(["sync"]), version=parse_version("3.9"))
    assert report.count(Verdict.PASS) == 3
    assert report.left_behind == []
