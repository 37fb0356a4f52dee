"""The page's text: everything in it comes from the subjects' JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bench.harness.outcome import NOT_MEASURED, NOT_MET
from bench.page._read import Subject, absent
from bench.page._summary import summary

_INTRODUCTION = """\
# Benchmarks

Written by `make bench-full`; `bench/README.md` says how it is measured. Figures in tables are
medians, with the least and the most. Session timeouts come first, then speed.
"""
_NO_PLOTS = "Not drawn: matplotlib is not installed where this page was rendered.\n"


@dataclass(frozen=True, slots=True)
class Picture:
    """A plot's file (without ``.svg``), its title, and how to read it."""

    name: str
    title: str
    reading: str


def page(subjects: list[Subject], pictures: Sequence[Picture] | None) -> str:
    """The whole text.

    Args:
        subjects: in the order of the page.
        pictures: what was drawn; None where nothing can be.
    """
    parts = [_INTRODUCTION, "\n".join(f"- {line}" for line in summary(subjects)) + "\n"]
    parts += ["## Goals\n", _goals(subjects), "## Plots\n"]
    parts += [_NO_PLOTS] if pictures is None else map(_picture, pictures)
    for subject in subjects:
        parts += _subject(subject)
    if missing := absent(subjects):
        parts += ["## Not measured\n", f"No result: {', '.join(missing)}.\n"]
    parts += ["## Where\n", _where(subjects)]
    return "\n".join(parts)


def _goals(subjects: Sequence[Subject]) -> str:
    rows = [["subject", "asked for", "goal", "measured", "verdict"]]
    for subject in subjects:
        for goal in subject.get("goals") or ():
            verdict = f"**{NOT_MET}**" if goal["verdict"] == NOT_MET else goal["verdict"]
            rows.append([subject["subject"], goal["text"], goal["goal"], goal["measured"], verdict])
    return _table(rows) if len(rows) > 1 else f"No goal was measured: {NOT_MEASURED}.\n"


def _picture(picture: Picture) -> str:
    return (
        f"### {picture.title}\n\n{picture.reading}\n\n"
        f"![{picture.title}](plots/{picture.name}.svg)\n"
    )


def _subject(subject: Subject) -> Iterable[str]:
    yield f"## {subject.get('title') or subject['subject']}\n"
    yield _circumstances(subject)
    for table in subject.get("tables") or ():
        yield f"{table['caption']}:\n" if table.get("caption") else ""
        yield _table(table["rows"]) if table["rows"] else "Nothing.\n"
    if notes := subject.get("notes"):
        yield "\n".join(f"- {note}" for note in notes) + "\n"
    if missing := subject.get("missing"):
        lines = [f"- {peer}: {reason}" for peer, reason in missing.items()]
        yield "Not measured:\n"
        yield "\n".join(lines) + "\n"


def _circumstances(subject: Subject) -> str:
    parts = [f"`{subject['subject']}`, {subject.get('form', '?')} form, {subject.get('time', '?')}"]
    parts.append(f"commit {subject.get('commit', '?')}")
    if seconds := subject.get("seconds"):
        parts.append(f"took {seconds / 60:.1f} minutes")
    if load := subject.get("load"):
        parts.append(f"load average {load[0]:.1f} to {load[-1]:.1f}")
    if server := subject.get("server"):
        parts.append(f"server: {server}")
    return "; ".join(parts) + ".\n"


def _where(subjects: Sequence[Subject]) -> str:
    rows: dict[str, list[str]] = {}
    for subject in subjects:
        for name, found in _machine(subject.get("machine") or {}):
            rows.setdefault(name, []).append(found)
        for name, found in (subject.get("versions") or {}).items():
            rows.setdefault(str(name), []).append(str(found))
    # Subjects that were measured at different times may have had other versions.
    return _table(
        [["", ""], *[[name, "; or ".join(dict.fromkeys(each))] for name, each in rows.items()]]
    )


def _machine(machine: dict[str, Any]) -> Iterable[tuple[str, str]]:
    if "cpu" in machine:
        cores = f"{machine.get('cores', '?')} cores of {machine['cpu']}"
        yield "machine", f"{cores}, {machine.get('system', 'an unnamed system')}"
    if "python" in machine:
        packages = (f"{name} {found}" for name, found in (machine.get("packages") or {}).items())
        yield "Python", ", ".join([str(machine["python"]), *packages])


def _table(rows: Sequence[Sequence[object]]) -> str:
    """Rows as a table; a short row is filled with empty cells."""
    width = max(map(len, rows))
    lines = [
        "| " + " | ".join([*map(_cell, row), *[""] * (width - len(row))]) + " |" for row in rows
    ]
    lines.insert(1, "|" + "---|" * width)
    return "\n".join(lines) + "\n"


def _cell(value: object) -> str:
    return " ".join(str(value).split()).replace("|", "\\|")
