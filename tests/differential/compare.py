"""Runs a sequence on two servers and says where they part."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from itertools import zip_longest
from typing import Any

import trio

from differential.normal import Normaliser
from differential.side import Account, perform
from differential.steps import Step

Dial = Callable[[], Awaitable[trio.abc.Stream]]


class Differs(AssertionError):
    """Two servers did not do the same."""


async def run_on_both(steps: Sequence[Step], reference: Dial, candidate: Dial) -> None:
    """Do the steps on both.

    Raises:
        Differs: a reply, an event or the tree was not the same.
    """
    accounts: dict[str, Account] = {}

    async def run(name: str, dial: Dial) -> None:
        try:
            accounts[name] = await perform(dial, steps)
        except Exception as error:
            error.add_note(f"on the {name}, with the steps:\n{listed(steps)}")
            raise

    async with trio.open_nursery() as nursery:
        nursery.start_soon(run, "reference", reference)
        nursery.start_soon(run, "candidate", candidate)
    difference = find_difference(accounts["reference"], accounts["candidate"], steps)
    if difference is not None:
        index, what = difference
        raise Differs(f"{what}\nthe steps:\n{listed(steps[: index + 1])}")


def listed(steps: Sequence[Step]) -> str:
    """The steps, one a line."""
    return "\n".join(f"{number:4} {step}" for number, step in enumerate(steps, 1))


def find_difference(
    reference: Account, candidate: Account, steps: Sequence[Step]
) -> tuple[int, str] | None:
    """The first difference: at which step, and in words.  None where there is none."""
    ours, theirs = Normaliser(reference), Normaliser(candidate)
    right, wrong = ours.streams(), theirs.streams()
    parted: list[tuple[int, str]] = []
    for session, expected in right.items():
        pairs = zip_longest(expected, wrong[session], fillvalue=(len(steps), ("nothing",)))
        for (step, line), (other_step, other) in pairs:
            if line != other:
                where = min(step, other_step)
                parted.append((where, _say(steps, where, session, line, other)))
                break
    if parted:
        return min(parted)
    for when, tree, other_tree in zip(
        ("before", "after"), ours.trees(), theirs.trees(), strict=True
    ):
        for path in sorted({*tree, *other_tree}):
            if tree.get(path) != other_tree.get(path):
                what = f"the tree {when} the sessions end, at {path}:"
                return len(steps), _beside(what, tree.get(path), other_tree.get(path))
    return None


def _say(steps: Sequence[Step], index: int, session: str, line: Any, other: Any) -> str:
    if index < 0:
        step = "the sessions' beginning"
    elif index >= len(steps):
        step = "the end"
    else:
        step = f"step {index + 1}, {steps[index]}"
    return _beside(f"at {step}; to session {session}:", line, other)


def _beside(what: str, line: object, other: object) -> str:
    return f"{what}\n  reference: {line}\n  candidate: {other}"
