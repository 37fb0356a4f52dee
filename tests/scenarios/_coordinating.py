"""Steps that scenarios of a coordinator share."""

from __future__ import annotations

from typing import Any

import trio

from coordinator import Coordinator, Session, State, Transition, Transitions
from scenarios._stage import Stage
from zkwire import CreateMode

STEADY = 1.1
"""Seconds behind which a connection counts as one that lasted: another is tried at once."""


async def told(transitions: Transitions, *states: State) -> Transition:
    """Follow transitions until these states have come, in this order and no other; the last."""
    transition = None
    for state in states:
        transition = await anext(transitions)
        assert transition.state is state, transition
    assert transition is not None
    return transition


async def until(transitions: Transitions, state: State) -> list[State]:
    """Follow transitions up to a state; all that came, with it."""
    seen = []
    while state not in seen:
        seen.append((await anext(transitions)).state)
    return seen


async def held(coordinator: Coordinator) -> tuple[Session, Transitions]:
    """A session that owns the node ``/mine``, and the transitions from then on."""
    await coordinator.wait_connected()
    session = coordinator.session
    assert session is not None
    transitions = coordinator.transitions()
    await session.create("/mine", mode=CreateMode.EPHEMERAL)
    return session, transitions


def member_of(stage: Stage) -> Any:
    """The member that the one coordinator is connected to."""
    (member,) = (each for each in stage.members if each.address == stage.dialled[-1])
    return member


async def is_kept(coordinator: Coordinator, session: Session) -> bool:
    """Whether the same session goes on, and with it its node; it must be connected."""
    if coordinator.session is not session or session.is_lost:
        return False
    with trio.fail_after(20):
        stat = await coordinator.exists("/mine")
    return stat is not None and stat.ephemeral_owner == session.id
