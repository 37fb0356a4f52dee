"""Which checks to run."""

from __future__ import annotations

from collections.abc import Sequence

from zkwire.conformance import checks as _checks  # importing registers them
from zkwire.conformance._check import Check, registered

assert _checks.__name__, "imported for its effect"


def all_checks() -> tuple[Check, ...]:
    """Every check of the suite, in order."""
    return registered()


def select_checks(groups: Sequence[str] = (), names: Sequence[str] = ()) -> tuple[Check, ...]:
    """The checks of these groups and of these names; all of them where neither is given.

    Raises:
        ValueError: There is no such group, or no such check.
    """
    checks = all_checks()
    known_groups = {check.group for check in checks}
    known_names = {check.name for check in checks}
    for kind, given, known in (("group", groups, known_groups), ("check", names, known_names)):
        for each in given:
            if each not in known:
                raise ValueError(f"there is no {kind} {each!r}; --list shows them all")
    if not groups and not names:
        return checks
    return tuple(check for check in checks if check.group in groups or check.name in names)
