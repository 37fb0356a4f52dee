"""Every scenario there is."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from scenarios._registry import SCENARIOS, Scenario


def all_scenarios() -> list[Scenario]:
    """Those of every module here, by module and in the order in which they are written."""
    for path in sorted(Path(__file__).parent.glob("[a-z]*.py")):
        if path.stem != "conftest" and not path.stem.startswith("test_"):
            import_module(f"scenarios.{path.stem}")
    return list(SCENARIOS.values())
