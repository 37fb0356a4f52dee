"""Where runs are kept, and the newest of them."""

from __future__ import annotations

import json
from pathlib import Path


def newest_run(folder: Path, command: str) -> Path:
    """The newest full run in a folder.

    Raises:
        FileNotFoundError: there is none; the message names the command that makes one.
    """
    for path in sorted(folder.glob("*.json"), reverse=True):
        if json.loads(path.read_text()).get("complete"):
            return path
    raise FileNotFoundError(f"no full run in {folder}: run {command}")


def write_text(page: Path, text: str) -> Path:
    """Write a page, and say where it is."""
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(text)
    return page
