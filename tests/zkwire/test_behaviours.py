"""The table of behaviours names tests that exist, and numbers its rows."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TABLE = (ROOT / "docs" / "reference" / "behaviours.md").read_text("utf-8")
ROWS = [line.strip("| ").split(" | ") for line in TABLE.splitlines() if re.match(r"\| \d", line)]


@cache
def functions_of(path: str) -> set[str]:
    """The test functions of a file, without running it."""
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in tree.body if isinstance(node, functions)}


def test_the_rows_are_numbered():
    assert [row[0] for row in ROWS] == [str(number) for number in range(1, len(ROWS) + 1)]
    assert len(ROWS) >= 40


def test_no_behaviour_is_told_twice():
    assert len({row[1] for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize(("number", "behaviour", "tests"), ROWS, ids=[row[0] for row in ROWS])
def test_every_behaviour_names_tests_that_exist(number, behaviour, tests):
    names = re.findall(r"`([^`]+)`", tests)
    assert names
    assert tests == "<br>".join(f"`{name}`" for name in names)
    for name in names:
        path, function = name.split("::")
        assert function in functions_of(path), f"{number}, {behaviour}: there is no {name}"
