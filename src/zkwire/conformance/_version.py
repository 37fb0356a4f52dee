"""A server's version: what it says, and what changed with which release."""

from __future__ import annotations

import re
from typing import NamedTuple

_NUMBERS = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")
_SAID = re.compile(r"^Zookeeper version: (\S+)", re.MULTILINE)


class Version(NamedTuple):
    """Major, minor and patch."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"

    def has(self, *releases: tuple[int, int, int]) -> bool:
        """Whether a change is in this version.

        Args:
            *releases: the first release with the change, on each branch that got it.
        """
        for release in releases:
            if release[:2] == self[:2]:
                return self >= release
        return self[:2] > max(release[:2] for release in releases)


def parse_version(text: str) -> Version:
    """Read ``3.9.5``, ``3.9`` or ``3.9.5-abc``.

    Raises:
        ValueError: It begins with no version.
    """
    found = _NUMBERS.match(text)
    if found is None:
        raise ValueError(f"{text!r} is not a version such as 3.9.5")
    major, minor, patch = found.groups(default="0")
    return Version(int(major), int(minor), int(patch))


def said_version(srvr: str) -> Version | None:
    """The version in the answer to ``srvr``, or None where the word is switched off."""
    found = _SAID.search(srvr)
    return None if found is None else parse_version(found[1])


class Changed:
    """An expectation that a release changed."""

    def __init__(self, before: str, after: str, *releases: tuple[int, int, int]) -> None:
        self.before = before
        self.after = after
        self.releases = releases

    def at(self, version: Version) -> str:
        """What is expected of a server of this version."""
        return self.after if version.has(*self.releases) else self.before

    def __str__(self) -> str:
        since = ", ".join(str(Version(*release)) for release in self.releases)
        return f"{self.before}; since {since}: {self.after}"
