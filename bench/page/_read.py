"""The newest result of each subject, in the order of the page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bench.harness.subjects import SUBJECTS

Subject = dict[str, Any]
"""One subject's JSON; ``bench/README.md`` describes it."""

# Session timeouts come first: they are what the project is about.
_ORDER = sorted(SUBJECTS, key=lambda name: SUBJECTS[name].kind != "timeouts")


def read_subjects(results: Path, form: str) -> list[Subject]:
    """Every subject's result in this form, or else, where it has none, in the short form.

    Raises:
        FileNotFoundError: there is no result at all.
        ValueError: a file is not a subject's result; the message names it.
    """
    found: dict[str, Subject] = {}
    # A subject measured on two servers has two files, so the file's name tells them apart.
    for each in dict.fromkeys(("short", form)):
        for path in sorted((results / each).glob("*.json")):
            found[path.stem] = _read(path)
    if not found:
        raise FileNotFoundError(f"no results in {results}: run python -m bench")
    return [found[name] for name in sorted(found, key=lambda name: (_rank(found[name]), name))]


def _read(path: Path) -> Subject:
    try:
        subject = json.loads(path.read_text())
    except ValueError as error:
        raise ValueError(f"{path.name}: not JSON: {error}") from error
    if not isinstance(subject, dict) or "subject" not in subject:
        raise ValueError(f"{path.name}: not the result of a subject: it names none")
    return subject


def samples(subjects: list[Subject], name: str) -> dict[str, Any]:
    """The samples of the subject of this name; empty if it was not measured."""
    return next(
        (dict(each.get("samples") or {}) for each in subjects if each["subject"] == name), {}
    )


def absent(subjects: list[Subject]) -> list[str]:
    """The names of the subjects that have no result."""
    there = {each["subject"] for each in subjects}
    return [name for name in _ORDER if name not in there]


def _rank(subject: Subject) -> int:
    name = subject["subject"]
    return _ORDER.index(name) if name in _ORDER else len(_ORDER)
