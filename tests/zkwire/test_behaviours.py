"""The tables of behaviours and regressions name tests that exist, and number their rows."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
LENGTHS = {"behaviours.md": 40, "regressions.md": 60}
"""Rows of each page, at least."""

NOTHING_TO_TEST = re.compile(r"No such \w+ here(: .+|\.)")
"""What stands for the tests of something that this project does not have."""


def rows_of(page: str) -> list[list[str]]:
    lines = (REFERENCE / page).read_text("utf-8").splitlines()
    return [line.strip("| ").split(" | ") for line in lines if re.match(r"\| \d", line)]


ROWS = [(page, *row) for page in LENGTHS for row in rows_of(page)]


@cache
def functions_of(path: str) -> set[str]:
    """The test functions of a file, without running it."""
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in tree.body if isinstance(node, functions)}


@pytest.mark.parametrize("page", LENGTHS)
def test_the_rows_are_numbered(page):
    rows = rows_of(page)
    assert [row[0] for row in rows] == [str(number) for number in range(1, len(rows) + 1)]
    assert len(rows) >= LENGTHS[page]


@pytest.mark.parametrize("page", LENGTHS)
def test_no_behaviour_is_told_twice(page):
    rows = rows_of(page)
    assert len({row[1] for row in rows}) == len(rows)


@pytest.mark.parametrize(
    ("page", "number", "behaviour", "tests"), ROWS, ids=[f"{row[0]}-{row[1]}" for row in ROWS]
)
def test_every_behaviour_names_tests_that_exist(page, number, behaviour, tests):
    if page == "regressions.md" and NOTHING_TO_TEST.fullmatch(tests):
        return
    names = re.findall(r"`([^`]+)`", tests)
    assert names
    assert tests == "<br>".join(f"`{name}`" for name in names)
    for name in names:
        path, function = name.split("::")
        assert function in functions_of(path), f"{number}, {behaviour}: there is no {name}"


@pytest.mark.parametrize("path", sorted((ROOT / "tests" / "regressions").glob("test_*.py")))
def test_every_regression_test_stands_in_a_row(path):
    name = path.relative_to(ROOT).as_posix()
    named = {each for row in rows_of("regressions.md") for each in re.findall(r"`([^`]+)`", row[2])}
    tests = {each for each in functions_of(name) if each.startswith("test_")}
    assert {f"{name}::{each}" for each in tests} - named == set()
