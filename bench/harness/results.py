"""Where results are kept."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

RESULTS = Path(__file__).parent.parent / "results"


def write_result(folder: Path, record: Mapping[str, object]) -> Path:
    """Write a subject's result in the place of the one before, whole or not at all."""
    path = folder / f"{record['subject']}.json"
    folder.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=folder)
    try:
        with open(descriptor, "w") as file:
            file.write(_text(record))
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
    return path


def _text(record: Mapping[str, object]) -> str:
    """Indented but for the samples: those are many, and read by programs alone."""
    rest = {key: value for key, value in record.items() if key != "samples"}
    head = json.dumps(rest, indent=1).removesuffix("\n}")
    return f'{head},\n "samples": {json.dumps(record.get("samples", {}))}\n}}\n'


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
