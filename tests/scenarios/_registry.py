"""The list of scenarios, and what each needs of its servers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from scenarios._stage import Stage

Play = Callable[[Stage], Awaitable[object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """The servers of a scenario.

    Attributes:
        members: how many.
        control: whether it kills, freezes or restarts them, so that no other test may be there.
        tick_time: seconds; a session lasts 2 to 20 ticks.
        config: further lines of zoo.cfg.
        isolated: whether it cuts members off from each other.
    """

    members: int = 1
    control: bool = False
    tick_time: float = 0.1
    config: tuple[tuple[str, str | int], ...] = ()
    isolated: bool = False

    @property
    def own_servers(self) -> bool:
        """Whether the servers that all tests share will not do."""
        return self != Needs()


@dataclass(frozen=True, slots=True)
class Scenario:
    """One of them; ``name`` is that of its module and function."""

    name: str
    play: Play
    needs: Needs


SCENARIOS: dict[str, Scenario] = {}


def scenario(
    *,
    members: int = 1,
    control: bool = False,
    tick_time: float = 0.1,
    config: dict[str, str | int] | None = None,
    isolated: bool = False,
) -> Callable[[Play], Play]:
    """Enter a scenario, with its servers."""
    needs = Needs(
        members=members,
        control=control,
        tick_time=tick_time,
        config=tuple((config or {}).items()),
        isolated=isolated,
    )

    def enter(play: Play) -> Play:
        name = f"{play.__module__.rpartition('.')[2]}.{play.__name__}"
        if name in SCENARIOS:
            raise ValueError(f"two scenarios are called {name}")
        SCENARIOS[name] = Scenario(name, play, needs)
        return play

    return enter
