"""What a check is, and the register of all of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from zkwire.conformance._version import Changed, Version

if TYPE_CHECKING:
    from zkwire.conformance._context import Context
    from zkwire.conformance._target import Target

Release: TypeAlias = tuple[int, int, int]
Need: TypeAlias = "Callable[[Target], str | None]"
"""Says why a target cannot be checked, or nothing."""
Run: TypeAlias = "Callable[[Context], Awaitable[str]]"


@dataclass(frozen=True, slots=True)
class Check:
    """One behaviour of a server.

    Attributes:
        name: ``group.behaviour``, unique.
        group: The opcode or the subject.
        expects: What a server should do.
        since: The first release with the feature; older servers are not applicable.
        needs: What the target must have or lack besides.
        run: Returns what it observed in a few words; raises ``Mismatch`` for anything else.
    """

    name: str
    group: str
    expects: str | Changed
    since: Release
    needs: Sequence[Need]
    run: Run

    def expected_of(self, version: Version) -> str:
        """What is expected of a server of this version."""
        return self.expects.at(version) if isinstance(self.expects, Changed) else self.expects

    def not_applicable(self, target: Target) -> str | None:
        """Why the check says nothing about this target; None where it does."""
        if target.version < self.since:
            return f"needs {Version(*self.since)}"
        for need in self.needs:
            if (reason := need(target)) is not None:
                return reason
        return None


OLDEST: Final[Release] = (3, 5, 0)

_CHECKS: Final[dict[str, Check]] = {}


def check(
    *,
    name: str,
    group: str,
    expects: str | Changed,
    since: Release = OLDEST,
    needs: Sequence[Need] = (),
) -> Callable[[Run], Run]:
    """Register an async function that takes a context as a check.

    Raises:
        ValueError: Another check has the name, or nothing is expected.
    """

    def register(run: Run) -> Run:
        full = f"{group}.{name}"
        if full in _CHECKS:
            raise ValueError(f"two checks are named {full}")
        if not str(expects).strip():
            raise ValueError(f"{full} does not say what it expects")
        _CHECKS[full] = Check(full, group, expects, since, tuple(needs), run)
        return run

    return register


class Group:
    """``check`` with the group filled in, and what all of the group's checks need."""

    def __init__(self, name: str, *, since: Release = OLDEST, needs: Sequence[Need] = ()) -> None:
        self._name = name
        self._since = since
        self._needs = tuple(needs)

    def __call__(
        self,
        name: str,
        expects: str | Changed,
        *,
        since: Release = OLDEST,
        needs: Sequence[Need] = (),
    ) -> Callable[[Run], Run]:
        """Register a check of this group; see ``check``."""
        return check(
            name=name,
            group=self._name,
            expects=expects,
            since=max(since, self._since),
            needs=(*self._needs, *needs),
        )


def registered() -> tuple[Check, ...]:
    """All checks, in the order in which they were registered."""
    return tuple(_CHECKS.values())
