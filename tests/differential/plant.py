"""Plants a bug in a copy of the in-memory server, and shows which sequence finds it.

    python tests/differential/plant.py [number ...]

Exit status: 0 all were found; 1 one was not.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src"
TEST = ROOT / "tests/property/test_memory_against_real.py"
SERVER = "zkwire/testing/_memory"


@dataclass(frozen=True)
class Bug:
    """A line of the source, and what a mistake would make of it."""

    what: str
    file: str
    old: str
    new: str


BUGS = [
    Bug(
        "a deletion does not move the parent's pzxid",
        "_database/_tree.py",
        "parent.pzxid = max(parent.pzxid, zxid)",
        "pass",
    ),
    Bug(
        "children may be made below an ephemeral node",
        "_database/_prepare_create.py",
        "if parent.owner:",
        "if False:",
    ),
    Bug(
        "setACL compares with the data's version",
        "_database/_prepare.py",
        "next_version(node.aversion, write.version)",
        "next_version(node.version, write.version)",
    ),
    Bug(
        "a multi's operations do not see each other",
        "_database/_prepare.py",
        "request.view.absorb(txn)",
        "pass",
    ),
    Bug(
        "what a failed multi did not try looks rolled back",
        "_database/_database.py",
        "codes += [RuntimeInconsistency.code]",
        "codes += [0]",
    ),
    Bug(
        "only numbered nodes count for the next number",
        "_database/_prepare_create.py",
        "creations=following(parent.creations),",
        "creations=parent.creations + (write.flags in _SEQUENTIAL),",
    ),
    Bug(
        "digest hashes are shown to everybody",
        "_database/_access.py",
        "    if allows(acl, Perms.ADMIN, who):\n        return tuple(acl)",
        "    if allows(acl, Perms.READ, who):\n        return tuple(acl)",
    ),
    Bug(
        "a deletion's event comes twice to who watches node and children",
        "_serving/_watches.py",
        "self._children.trigger(change.type, path, zxid, acl, told)",
        "self._children.trigger(change.type, path, zxid, acl)",
    ),
    Bug(
        "a child watch does not make up for what it missed",
        "_serving/_watches.py",
        "elif node.stat.pzxid > seen:",
        "elif node.stat.pzxid > seen + 2**62:",
    ),
    Bug(
        "a persistent watch does not hear of children",
        "_serving/_watches.py",
        "        self._children.add(path, watcher, WatchMode.PERSISTENT)\n",
        "",
    ),
    Bug(
        "a recursive watch on the root hears of nothing below it",
        "_serving/_watch_table.py",
        "        path = parent_of(path)\n        yield path\n",
        '        path = parent_of(path)\n        if path != "/":\n            yield path\n',
    ),
]


def found(bug: Bug) -> bool:
    """Plant one bug, look for it, and say how long that took."""
    with tempfile.TemporaryDirectory(prefix="zkwire-plant-") as scratch:
        source = Path(scratch, "src")
        shutil.copytree(SOURCE, source, ignore=shutil.ignore_patterns("__pycache__"))
        file = source / SERVER / bug.file
        text = file.read_text("utf-8")
        if text.count(bug.old) != 1:
            say(f"{bug.what}: {bug.file} has changed, so nothing can be planted")
            return False
        file.write_text(text.replace(bug.old, bug.new), "utf-8")
        start = time.monotonic()
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "pytest",
                "-n",
                "0",
                "-p",
                "no:cacheprovider",
                "-k",
                "do_the_same",
                TEST,
            ],
            env={**os.environ, "PYTHONPATH": str(source)},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    seconds = time.monotonic() - start
    differences = re.findall(
        r"^E\s+differential\.compare\.Differs: (.*?)\nE?\s*$", done.stdout, re.MULTILINE | re.DOTALL
    )
    if not differences:
        say(f"NOT FOUND in {seconds:.0f} s: {bug.what}")
        return False
    shown = re.sub("^E?    ", "    ", differences[-1], flags=re.MULTILINE)
    say(f"found in {seconds:.0f} s: {bug.what}\n    {shown}\n")
    return True


def say(text: str) -> None:
    """A line on the terminal."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> int:
    """The program."""
    parser = argparse.ArgumentParser(description="Show that the differential test finds bugs.")
    parser.add_argument("numbers", nargs="*", type=int, help="which bugs, from 1; default: all")
    numbers = parser.parse_args().numbers or range(1, len(BUGS) + 1)
    results = [found(BUGS[number - 1]) for number in numbers]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
