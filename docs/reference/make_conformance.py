"""Run the conformance suite on a server of each version, and write ``conformance.md`` beside this.

Every server is started for this alone and thrown away.  Exit status 1 where anything unexpected
came back; the page is written all the same, and says what.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import trio

from zkwire.conformance import (
    Check,
    Outcome,
    Report,
    Verdict,
    all_checks,
    parse_address,
    run_checks,
)
from zkwire.testing import Ensemble, start_zookeeper

VERSIONS: Final = ("3.5.10", "3.6.4", "3.7.2", "3.8.6", "3.9.5")
NOT_APPLICABLE: Final = "n/a"
PAGE: Final = Path(__file__).with_name("conformance.md")

INTRODUCTION: Final = """\
# What servers do, version by version

Written by `make conformance`, which runs `zkwire conformance` on servers of its own.  Each cell
says what came back; `n/a` means *not applicable* and why, and is never counted as passed.  Anything
unexpected is in **bold**.
"""


def single(version: str) -> Report:
    """One server with everything switched on."""
    with start_zookeeper(1, 0.1, version=version) as servers:
        return checked(servers, 0)


def ensemble(version: str) -> Report:
    """A follower of three."""
    with start_zookeeper(3, 0.2, version=version) as servers:
        modes = [servers.mode(member) for member in servers.members]
        return checked(servers, modes.index("follower"))


def restricted(version: str) -> Report:
    """One server with an operator's usual settings, and quotas enforced."""
    with start_zookeeper(
        1,
        0.1,
        version=version,
        config={
            "reconfigEnabled": False,
            "4lw.commands.whitelist": "srvr",
            "enforceQuota": True,
        },
        system_properties={
            "zookeeper.extendedTypesEnabled": "false",
            "zookeeper.enforceQuota": "true",
        },
    ) as servers:
        return checked(servers, 0)


def checked(servers: Ensemble, member: int) -> Report:
    """All checks on one member."""
    return trio.run(run_checks, parse_address(servers.servers[member]), all_checks())


def on_all(start: Callable[[str], Report], what: str) -> dict[str, Report]:
    """A report for each version."""
    reports: dict[str, Report] = {}
    for version in VERSIONS:
        report = reports[version] = start(version)
        counts = ", ".join(f"{report.count(verdict)} {verdict.value}" for verdict in Verdict)
        sys.stderr.write(f"{what} {report.target.version}: {counts}\n")
    return reports


def cell(outcome: Outcome) -> str:
    """What one check got from one server."""
    observed = escaped(outcome.observed)
    match outcome.verdict:
        case Verdict.PASS:
            return observed
        case Verdict.NOT_APPLICABLE:
            return f"{NOT_APPLICABLE}: {observed}"
        case Verdict.FAIL | Verdict.ERROR:
            return f"**{outcome.verdict.value}: {observed}**"


def escaped(text: str) -> str:
    """Text that stays within a table's cell."""
    shown = "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)
    return shown.replace("\\", "\\\\").replace("|", "\\|").replace("*", "\\*").replace("<", "&lt;")


def applicable(cells: Sequence[str]) -> list[str]:
    """The cells that say something about their server."""
    return [each for each in cells if not each.startswith(NOT_APPLICABLE)]


Rows = Mapping[str, Sequence[str]]


def rows_of(reports: Mapping[str, Report]) -> dict[str, list[str]]:
    """The cells of each check, by its name, in the order of the versions."""
    rows: dict[str, list[str]] = {check.name: [] for check in all_checks()}
    for report in reports.values():
        for outcome in report.outcomes:
            rows[outcome.check.name].append(cell(outcome))
    return rows


def heading(first: str, reports: Mapping[str, Report], *more: str) -> list[str]:
    """The first two lines of a table."""
    columns = [first, *more, *(str(report.target.version) for report in reports.values())]
    return [f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}"]


def section(checks: Sequence[Check], reports: Mapping[str, Report], rows: Rows) -> list[str]:
    """A table of these checks."""
    lines = heading("check", reports, "expected")
    for check in checks:
        expected = escaped(str(check.expects))
        lines.append(f"| `{check.name}` | {expected} | {' | '.join(rows[check.name])} |")
    return [*lines, ""]


def counts(kinds: Mapping[str, Mapping[str, Report]]) -> list[str]:
    """How the runs ended."""
    first = next(iter(kinds.values()))
    lines = [f"{len(all_checks())} checks; passed / failed / in error / not applicable:", ""]
    lines += heading("servers", first)
    order = (Verdict.PASS, Verdict.FAIL, Verdict.ERROR, Verdict.NOT_APPLICABLE)
    for kind, reports in kinds.items():
        cells = [
            " / ".join(str(report.count(verdict)) for verdict in order)
            for report in reports.values()
        ]
        lines.append(f"| {kind} | {' | '.join(cells)} |")
    return [*lines, ""]


def page(kinds: Mapping[str, Mapping[str, Report]]) -> str:
    """The whole page."""
    (name, base), *others = kinds.items()
    checks = all_checks()
    base_rows = rows_of(base)
    changed = [check for check in checks if len(set(applicable(base_rows[check.name]))) > 1]
    lines = [INTRODUCTION, *counts(kinds), "## What differs between versions", ""]
    lines += section(changed, base, base_rows)
    for kind, reports in others:
        rows = rows_of(reports)
        different = [check for check in checks if rows[check.name] != base_rows[check.name]]
        different = [check for check in different if applicable(rows[check.name])]
        lines += [f"## {kind[0].upper()}{kind[1:]}: what differs from {name}", ""]
        lines += section(different, reports, rows)
    lines += [f"## All checks on {name}", ""]
    for group in dict.fromkeys(check.group for check in checks):
        lines += [f"### {group}", ""]
        lines += section([check for check in checks if check.group == group], base, base_rows)
    return "\n".join(lines).rstrip() + "\n"


def main() -> int:
    """Run everything and write the page."""
    kinds = {
        "a single server": on_all(single, "single server"),
        "a follower of three": on_all(ensemble, "follower"),
        "a server without TTL nodes, reconfig and words, with quotas": on_all(
            restricted, "restricted"
        ),
    }
    PAGE.write_text(page(kinds), encoding="utf-8")
    clean = all(report.clean for reports in kinds.values() for report in reports.values())
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main())
