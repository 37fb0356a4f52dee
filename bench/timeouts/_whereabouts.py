"""Which member each session is connected to, by what the members say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from bench.timeouts._events import CONNECTED, ProbeEvent
from bench.timeouts._probes import Probes
from zkwire.testing import AsyncEnsemble

Session = tuple[str, int]
"""A client's name, and the number of one of its sessions."""

_SID = re.compile(r"\bsid=(0x[0-9a-f]+)")


async def locate(ensemble: AsyncEnsemble, probes: Probes) -> dict[Session, str]:
    """The address of the member of each session that is connected."""
    found = {
        member.address: sids(await ensemble.four_letter_word(member, "cons"))
        for member in ensemble.members
    }
    places: dict[Session, str] = {}
    for name, probe in probes.running.items():
        told = destinations(probe.events)
        for i, session in probe.sessions().items():
            if session is not None and (at := place(session, told.get(i, ""), found)):
                places[name, i] = at
    return places


def sids(answer: str) -> set[str]:
    """The sessions that a member lists in answer to ``cons``."""
    return set(_SID.findall(answer))


def destinations(events: Iterable[ProbeEvent]) -> dict[int, str]:
    """What each session last said that it connected to."""
    return {each.i: each.to for each in events if each.event == CONNECTED}


def place(session: str, told: str, found: Mapping[str, set[str]]) -> str:
    """Where a session is: where one member alone lists it; else where its client says.

    A member that has not noticed yet that a client has gone lists that session still.
    """
    listing = [address for address, sessions in found.items() if session in sessions]
    if len(listing) == 1:
        return listing[0]
    return told if told in found else ""


def most_even(places: Mapping[Session, str], candidates: Iterable[str]) -> str:
    """The candidate at which the client with the fewest sessions has the most."""
    names = {name for name, _ in places}

    def worth(candidate: str) -> tuple[int, int]:
        counts = [
            sum(at == candidate for (owner, _), at in places.items() if owner == name)
            for name in names
        ]
        return min(counts, default=0), sum(counts)

    return max(candidates, key=worth)
