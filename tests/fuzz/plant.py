"""Plants a bug in a copy of the source, and times how long its target takes to find it.

    python tests/fuzz/plant.py [--seconds 60]

Exit status: 0 all were found; 1 one was not; 3 no atheris here.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from run import NO_ATHERIS, SOURCE, run_target, say


@dataclass(frozen=True)
class Bug:
    """A line of the source, and what a mistake would make of it."""

    target: str
    what: str
    file: str
    old: str
    new: str


BUGS = [
    Bug(
        "frames",
        "a negative length is taken",
        "zkwire/_proto/_framing.py",
        "if not 0 <= length <= self._max_frame:",
        "if length > self._max_frame:",
    ),
    Bug(
        "frames",
        "all that waits is copied for each chunk",
        "zkwire/_proto/_framing.py",
        "if len(self._kept) < self._needed:",
        "if len(bytes(self._kept)) < self._needed:",
    ),
    Bug(
        "records",
        "struct.error escapes from a truncated record",
        "zkwire/_jute/_derive_decoder.py",
        "self._require(str(layout.size), run[0][0])",
        "pass",
    ),
    Bug(
        "records",
        "a buffer may reach behind the end",
        "zkwire/_jute/_derive_decoder.py",
        "self._require(length, variable)",
        "pass",
    ),
    Bug(
        "records",
        "a multi's list ends at the type, not at the mark",
        "zkwire/_proto/_multi.py",
        "        if done:\n",
        "        if kind == _ERROR:\n",
    ),
    Bug(
        "protocol",
        "a reply to what was not sent is taken",
        "zkwire/_proto/_protocol.py",
        "if len(pending) <= self._unsent:",
        "if not pending:",
    ),
    Bug(
        "protocol",
        "a reply under another number is taken",
        "zkwire/_proto/_protocol.py",
        "if xid != expected:",
        "if xid > expected:",
    ),
    Bug(
        "protocol",
        "the zxid may go back",
        "zkwire/_proto/_protocol.py",
        "if 0 < zxid < self.last_zxid:",
        "if 0 < zxid < 0:",
    ),
    Bug(
        "protocol",
        "a malformed reply's exception escapes",
        "zkwire/_proto/_protocol.py",
        "except MalformedRecord as error:",
        "except UnicodeError as error:",
    ),
    Bug(
        "paths",
        "one control character is let through",
        "zkwire/_paths.py",
        "\\x7f-\\x9f",
        "\\x7f-\\x9e",
    ),
    Bug(
        "paths",
        "a zone is taken with an IPv6 address",
        "coordinator/_addresses.py",
        "return address.scope_id is None",
        "return True",
    ),
]


def found_in(bug: Bug, seconds: float) -> bool:
    """Plant one bug, look for it, and say how long that took."""
    with tempfile.TemporaryDirectory(prefix="zkwire-plant-") as scratch:
        source = Path(scratch, "src")
        shutil.copytree(SOURCE, source, ignore=shutil.ignore_patterns("__pycache__"))
        file = source / bug.file
        text = file.read_text("utf-8")
        if text.count(bug.old) != 1:
            say(f"{bug.target:10} {bug.what}: {bug.file} has changed, so nothing can be planted")
            return False
        file.write_text(text.replace(bug.old, bug.new), "utf-8")
        result = run_target(bug.target, seconds=seconds, runs=None, source=source)
    is_found = result.fault is not None
    verdict = f"found in {result.seconds:.1f} s" if is_found else "NOT FOUND"
    say(f"{bug.target:10} {bug.what}: {verdict} ({result.executions:,} executions)")
    if not (is_found or result.is_good):
        say(result.log[-4000:])
    return is_found


def main() -> int:
    """The program."""
    parser = argparse.ArgumentParser(description="Show that the fuzz targets find bugs.")
    parser.add_argument("--seconds", type=float, default=60.0, help="at most, for each bug")
    options = parser.parse_args()
    if find_spec("atheris") is None:
        say("fuzz: atheris is not installed")
        return NO_ATHERIS
    found = [found_in(bug, options.seconds) for bug in BUGS]
    return 0 if all(found) else 1


if __name__ == "__main__":
    sys.exit(main())
