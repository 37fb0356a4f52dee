"""The speed subjects' samples as measures: an operation, its size, its window, its server."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bench.page._read import Subject

_KEY = re.compile(r"(?P<op>[\w -]+), (?P<size>[\d,]+) (?:B|children), (?P<flight>[\d,]+) in flight")

# Their samples have such names too, and are of something else: no server, or what is called.
_OTHER = ("batched", "waiting", "codec", "models", "system-calls")

SERVERS = {"stock": "stock settings", "no worker": "no worker threads"}


@dataclass(frozen=True, slots=True)
class Measure:
    """All clients' rounds of one operation."""

    subject: str
    op: str
    size: int
    in_flight: int
    server: str
    rounds: dict[str, list[dict[str, float]]]

    @property
    def what(self) -> str:
        """What its size is a number of."""
        return "children" if self.op == "children" else "B"

    def figure(self, name: str) -> dict[str, list[float]]:
        """Each client's figures of this name, of the clients that have it."""
        found = {
            peer: [each[name] for each in rounds if each.get(name) is not None]
            for peer, rounds in self.rounds.items()
        }
        return {peer: values for peer, values in found.items() if values}


def measures(subjects: list[Subject]) -> list[Measure]:
    """What has the form of a speed measurement, in the page's order."""
    found = []
    for subject in subjects:
        if subject["subject"] in _OTHER:
            continue
        for key, rounds in (subject.get("samples") or {}).items():
            match = _KEY.search(str(key))
            if match is None or not isinstance(rounds, dict):
                continue
            # A subject that was measured on both servers says in the key on which.
            rest = key[: match.start()] + key[match.end() :]
            found.append(
                Measure(
                    subject=subject["subject"],
                    op=match["op"].strip(),
                    size=int(match["size"].replace(",", "")),
                    in_flight=int(match["flight"].replace(",", "")),
                    server=_server(rest) or _server(str(subject.get("server") or "")),
                    rounds=rounds,
                )
            )
    return found


def servers(found: list[Measure]) -> list[str]:
    """The servers' labels, the one with stock settings first."""
    order = [*SERVERS.values(), ""]
    return sorted({each.server for each in found}, key=order.index)


def chosen(found: list[Measure], wanted: Callable[[Measure], bool]) -> list[Measure]:
    """Those that are wanted, each operation on each server once."""
    once: dict[tuple[Any, ...], Measure] = {}
    for each in found:
        if wanted(each):
            once.setdefault((each.op, each.size, each.in_flight, each.server), each)
    return list(once.values())


def _server(text: str) -> str:
    lowered = text.lower()
    named = [label for word, label in SERVERS.items() if word in lowered]
    if "numworkerthreads=0" in lowered:
        named.append(SERVERS["no worker"])
    # Text that names both says nothing of this one.
    return named[0] if len(set(named)) == 1 else ""
