"""What a coordinator tells of itself: figures, a hook, and words about a loop that stood still."""

from __future__ import annotations

import logging
from contextlib import contextmanager, suppress

import pytest
import trio

import zkwire
from coordinator import ConfigurationError, Instrument, LeaseLost, State, open_coordinator
from coordinator._stall import StallDetector
from zkwire.testing import open_faults, open_memory_zookeeper


class Notes(Instrument):
    """Writes down what it is told."""

    def __init__(self):
        self.requests = []
        self.transitions = []
        self.attempts = []
        self.open = False
        self.read = None

    def opened(self, read):
        self.read, self.open = read, True

    def closed(self):
        self.open = False

    @contextmanager
    def request(self, operation, path):
        began = trio.current_time()
        try:
            yield
        except zkwire.ZkwireError as error:
            self.requests.append((operation, path, type(error).__name__, None))
            raise
        self.requests.append((operation, path, None, trio.current_time() - began))

    def transition(self, transition):
        self.transitions.append(transition.state)

    def attempt(self, server, seconds, failure):
        self.attempts.append((str(server), failure))


async def test_each_request_is_told_with_its_outcome_and_time(autojump_clock):
    notes = Notes()
    async with (
        open_memory_zookeeper() as ensemble,
        open_coordinator(ensemble.servers, "/app", dial=ensemble.dial, instrument=notes) as coord,
    ):
        await coord.create("/x", b"data")
        with pytest.raises(zkwire.NoNode):
            await coord.get("/missing")
        await ensemble.members[0].freeze()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(coord.get, "/x")
            await trio.sleep(1)
            await ensemble.members[0].resume()
    told = [(operation, path, error) for operation, path, error, _ in notes.requests]
    assert told == [
        ("create", "/app/x", None),
        ("get_data", "/app/missing", "NoNode"),
        ("get_data", "/app/x", None),
    ]
    assert notes.requests[-1][3] == pytest.approx(1.0)


async def test_states_attempts_and_figures_are_told(autojump_clock):
    notes = Notes()
    async with open_memory_zookeeper(3) as ensemble:
        async with open_coordinator(
            ensemble.servers, "/", 10.0, dial=ensemble.dial, instrument=notes
        ) as coord:
            await coord.wait_connected()
            for member in ensemble.members:
                await member.kill()
            await trio.sleep(15)
            during = coord.statistics()
            for member in ensemble.members:
                await member.start()
            await coord.wait_connected()
            session = coord.session
            await ensemble.expire(session.id)
            await coord.expired.wait()
            await coord.wait_connected()
            after = notes.read()
        assert not notes.open
    assert notes.transitions == [
        State.CONNECTED, State.SUSPENDED, State.LOST, State.CONNECTED, State.SUSPENDED,
        State.EXPIRED, State.CONNECTING, State.CONNECTED, State.CLOSED,
    ]  # fmt: skip
    assert during.state is State.LOST
    assert during.server is None
    assert 14 < during.since_last_contact < 17
    assert during.losses == 1
    assert (during.pings_answered, during.last_ping_seconds) == (0, 0.0)
    assert 3 < during.attempts < after.attempts == len(notes.attempts)
    assert (after.sessions, after.connections, after.reconnections) == (2, 3, 1)
    assert (after.losses, after.expirations, after.stalls) == (1, 1, 0)
    assert after.server in ensemble.servers
    assert after.pings_answered == 0
    assert after.negotiated_timeout == 10.0
    failures = [failure for _, failure in notes.attempts if failure is not None]
    assert len(failures) > 3
    assert {type(failure) for failure in failures} >= {ConnectionRefusedError}


async def test_pings_are_counted(autojump_clock):
    async with (
        open_memory_zookeeper() as ensemble,
        open_faults(ensemble) as faults,
        open_coordinator(faults.servers, "/", 12.0, dial=faults.dial) as coord,
    ):
        await coord.wait_connected()
        async with faults.latency(0.25):
            await trio.sleep(10.9)
        statistics = coord.statistics()
        assert statistics.pings_answered == 5
        assert statistics.last_ping_seconds == pytest.approx(0.5)


async def test_leases_are_told_with_how_long_they_took_and_lasted(autojump_clock):
    told = []

    class Leases(Instrument):
        def lease(self, path, state, seconds):
            told.append((path.rpartition("/")[0], state, round(seconds)))

    async with open_memory_zookeeper() as ensemble:
        options = {"dial": ensemble.dial, "instrument": Leases()}
        async with (
            open_coordinator(ensemble.servers, "/", 10.0, **options) as one,
            open_coordinator(ensemble.servers, "/", 10.0, **options) as two,
            trio.open_nursery() as nursery,
        ):

            async def second():
                with suppress(LeaseLost):
                    async with two.lock("x"):
                        await ensemble.members[0].freeze()
                        await trio.sleep(60)

            async with one.lock("x"):
                nursery.start_soon(second)
                await trio.sleep(5)
            await trio.sleep(30)
            await ensemble.members[0].resume()
            nursery.cancel_scope.cancel()
    assert told[:3] == [("/x", "held", 0), ("/x", "released", 5), ("/x", "held", 5)]
    path, state, seconds = told[3]
    assert (path, state) == ("/x", "lost")
    assert seconds < 10


async def test_nothing_that_an_instrument_does_can_harm(autojump_clock, caplog):
    class Broken(Instrument):
        def request(self, operation, path):
            raise RuntimeError("request")

        def transition(self, transition):
            raise RuntimeError("transition")

        def attempt(self, server, seconds, failure):
            raise RuntimeError("attempt")

        def opened(self, read):
            raise RuntimeError("opened")

        def closed(self):
            raise RuntimeError("closed")

    async with (
        open_memory_zookeeper() as ensemble,
        open_coordinator(ensemble.servers, "/", dial=ensemble.dial, instrument=Broken()) as coord,
    ):
        assert await coord.create("/x") == "/x"
    told = {str(record.exc_info[1]) for record in caplog.records if record.exc_info}
    assert told == {"request", "transition", "attempt", "opened", "closed"}


async def test_an_instrument_cannot_change_an_outcome(autojump_clock):
    class Swallowing(Instrument):
        @contextmanager
        def request(self, operation, path):
            try:
                yield
            except zkwire.NoNode:
                return

    async with (
        open_memory_zookeeper() as ensemble,
        open_coordinator(
            ensemble.servers, "/", dial=ensemble.dial, instrument=Swallowing()
        ) as coord,
    ):
        with pytest.raises(zkwire.NoNode):
            await coord.get("/missing")


def test_what_is_no_instrument_is_refused():
    with pytest.raises(ConfigurationError, match="instrument"):
        open_coordinator(["zk:1"], instrument=print)


# --- a loop that stood still ----------------------------------------------------------------------


async def test_a_blocked_loop_is_told_with_its_duration(mock_clock, caplog):
    notes = []

    class Stalls(Instrument):
        def stalled(self, seconds):
            notes.append(seconds)

    async with open_memory_zookeeper() as ensemble:
        async with open_coordinator(
            ensemble.servers, "/", 10.0, dial=ensemble.dial, instrument=Stalls()
        ) as coord:
            await coord.wait_connected()
            mock_clock.jump(2.4)  # in one turn of the loop: somebody's code has taken as long
            await trio.lowlevel.checkpoint()
            assert notes == []
            mock_clock.jump(2.6)
            await trio.lowlevel.checkpoint()
            assert notes == [pytest.approx(2.6)]
            statistics = coord.statistics()
            assert (statistics.stalls, statistics.longest_stall) == (1, notes[0])
        mock_clock.jump(20.0)
        await trio.lowlevel.checkpoint()
    assert len(notes) == 1, "the detector goes with its coordinator"
    (warning,) = [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING]
    assert "the event loop was blocked by a task for 2.600 s; more than 2.500 s" in warning


class Turns:
    """A detector, and a clock that stands where it is put."""

    def __init__(self, threshold=1.0):
        self.now = 100.0
        self.stall_threshold = threshold
        self.told = []
        self.stalled = self.told.append
        self.detector = StallDetector()
        self.detector.listeners.add(self)
        self.detector._now = lambda: self.now
        self.detector._turned = self.now

    def work(self, seconds):
        self.now += seconds
        self.detector.before_io_wait(0.5)

    def wait(self, seconds, timeout):
        self.now += seconds
        self.detector.after_io_wait(timeout)


@pytest.mark.parametrize(("seconds", "told"), [(0.5, []), (1.0, []), (1.25, [1.25])])
async def test_a_turn_is_a_stall_when_it_is_longer_than_the_threshold(seconds, told):
    turns = Turns()
    turns.work(seconds)
    turns.wait(0.5, timeout=0.5)
    assert turns.told == told


async def test_a_wait_is_a_stall_by_what_it_takes_too_long():
    # A stopped process, or a machine that was asleep.
    turns = Turns()
    turns.work(0.0)
    turns.wait(60.0, timeout=60.0)
    assert turns.told == []
    turns.work(0.0)
    turns.wait(65.0, timeout=60.0)
    assert turns.told == [5.0]


async def test_one_detector_serves_all_coordinators_and_each_hears_of_what_concerns_it(mock_clock):
    class Stalls(Instrument):
        def __init__(self):
            self.told = []

        def stalled(self, seconds):
            self.told.append(seconds)

    short, long = Stalls(), Stalls()
    called = []
    original = StallDetector.before_io_wait
    async with (
        open_memory_zookeeper() as ensemble,
        open_coordinator(ensemble.servers, "/", 4.0, dial=ensemble.dial, instrument=short) as a,
        open_coordinator(ensemble.servers, "/", 40.0, dial=ensemble.dial, instrument=long) as b,
    ):
        await a.wait_connected()
        await b.wait_connected()
        with pytest.MonkeyPatch.context() as patch:

            def counted(detector, timeout):
                called.append(detector)
                original(detector, timeout)

            patch.setattr(StallDetector, "before_io_wait", counted)
            mock_clock.jump(1.5)
            await trio.lowlevel.checkpoint()
            mock_clock.jump(11.0)
            await trio.lowlevel.checkpoint()
        assert len(set(called)) == 1
        assert short.told == [pytest.approx(1.5), pytest.approx(11.0)]
        assert long.told == [pytest.approx(11.0)]
