from random import Random

import pytest
import trio
from trio.testing import assert_checkpoints, wait_all_tasks_blocked

import zkwire
from coordinator import CoordinatorFailed, Session, Sessions
from coordinator._config import Config
from coordinator._standing import Announcement
from coordinator._supervisor import Supervisor


def session(number):
    info = zkwire.SessionInfo(
        credentials=zkwire.SessionCredentials(id=number, password=bytes(16)),
        negotiated_timeout=1.0,
        read_only=False,
    )
    return Session(info, "/", zkwire.SessionWatches())


class Announcer:
    """A supervisor that is told what to announce, and never runs."""

    def __init__(self):
        self.supervisor = Supervisor(Config.checked(["127.0.0.1:1"]), Random(1))

    def announce(self, subject):
        cell = self.supervisor.standing.announced
        cell.set(Announcement(cell.value.number + 1, subject))

    def end(self):
        cell = self.supervisor.standing.announced
        cell.set(cell.value._replace(is_last=True))


async def test_the_present_session_comes_first_and_then_each_new_one(nursery):
    announcer, found = Announcer(), []
    first, second = session(1), session(2)
    announcer.announce(first)

    async def follow():
        async for each in Sessions(announcer.supervisor.standing):
            found.append(each)  # noqa: PERF401 - seen while it is still going on

    nursery.start_soon(follow)
    await wait_all_tasks_blocked()
    assert found == [first]
    first.expire()
    await wait_all_tasks_blocked()
    announcer.announce(second)
    await wait_all_tasks_blocked()
    assert found == [first, second]
    announcer.end()
    await wait_all_tasks_blocked()
    assert not nursery.child_tasks


async def test_a_session_that_was_lost_and_survived_comes_again(autojump_clock):
    announcer = Announcer()
    subject = session(1)
    announcer.announce(subject)
    sessions = Sessions(announcer.supervisor.standing)
    assert await anext(sessions) is subject
    subject.give_up()
    with trio.move_on_after(1) as scope:
        await anext(sessions)
    assert scope.cancelled_caught
    subject._lost.renew()  # as attach() does
    announcer.announce(subject)
    assert await anext(sessions) is subject


@pytest.mark.parametrize("end", [Session.expire, Session.give_up])
async def test_one_that_ended_before_it_could_be_yielded_is_passed_over(autojump_clock, end):
    announcer = Announcer()
    sessions = Sessions(announcer.supervisor.standing)
    for number in (1, 2):
        subject = session(number)
        announcer.announce(subject)
        end(subject)
        with trio.move_on_after(1) as scope:
            await anext(sessions)
        assert scope.cancelled_caught
    announcer.announce(session(3))
    assert (await anext(sessions)).id == 3


async def test_a_cancelled_step_loses_nothing_and_each_step_is_a_checkpoint():
    announcer = Announcer()
    sessions = Sessions(announcer.supervisor.standing)
    subject = session(1)
    announcer.announce(subject)
    with trio.CancelScope() as scope:
        scope.cancel()
        await anext(sessions)
    assert scope.cancelled_caught
    with assert_checkpoints():
        assert await anext(sessions) is subject


async def test_ends_when_the_coordinator_is_left():
    announcer = Announcer()
    announcer.announce(session(1))
    announcer.end()
    assert [each async for each in Sessions(announcer.supervisor.standing)] == []


async def test_raises_when_the_coordinator_has_given_up():
    announcer = Announcer()
    announcer.supervisor.standing.failure = CoordinatorFailed("no root")
    announcer.end()
    for _ in range(2):
        with pytest.raises(CoordinatorFailed, match="no root") as caught:
            await anext(Sessions(announcer.supervisor.standing))
        assert caught.value is not announcer.supervisor.standing.failure
