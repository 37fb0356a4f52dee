"""Random sequences of steps, noted rule by rule and then done on both servers at once.

The rule only notes what is to be done: no step needs an earlier one's answer, so a sequence
goes through a pipeline.

One rule and not one for each kind of step: hypothesis leaves out about half of the rules in
each run, and a sequence that sets watches and changes nothing, or the reverse, shows little.
"""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from differential.actions import ACTION
from differential.reduce import Run, run_and_reduce
from differential.steps import CONFIG_NODE, SUPER, AddAuth, Attach, Call, Cut, Reopen, Step


class Sequences(RuleBasedStateMachine):
    """A sequence on three sessions.  Made with what runs it."""

    def __init__(self, run: Run) -> None:
        super().__init__()
        self._run = run
        self._steps: list[Step] = []
        self._away: dict[str, int] = {}
        """Sessions without a connection, and how many more requests of theirs to leave out."""
        self._mighty: set[str] = set()
        """Sessions that could write to the configuration, which must be the same each time."""

    def teardown(self) -> None:
        run_and_reduce(self._run, self._steps)

    @rule(action=ACTION, away=st.integers(0, 4))
    def do(self, action: Step | tuple[Step, ...], away: int) -> None:
        """Note what is to be done.

        Args:
            action: A session that has been cut attaches again before it asks for anything.
            away: How many requests of a session that is cut here to leave out before that.
        """
        for step in action if isinstance(action, tuple) else (action,):
            self._note(step, away)

    def _note(self, step: Step, away: int) -> None:
        session = step.session
        match step:
            case Cut() if session in self._away:
                return
            case Cut():
                self._away[session] = away
            case Attach() if not step.right_password:
                self._away[session] = 0
            case Attach():
                self._away.pop(session, None)
            case Reopen():
                self._away.pop(session, None)
                self._mighty.discard(session)
            case Call() if session in self._mighty and CONFIG_NODE in step.text:
                return
            case Call() if self._away.get(session):
                self._away[session] -= 1
                return
            case _ if session in self._away:
                self._note(Attach(session), away)
        if isinstance(step, AddAuth) and step.credential == SUPER:
            self._mighty.add(session)
        self._steps.append(step)
