"""The one exception of the record layer."""

from __future__ import annotations


class MalformedRecord(Exception):
    """Bytes that are not the record they should be.

    ``position`` is the index into the decoded bytes at which the fault lies.
    """

    def __init__(self, reason: str, position: int) -> None:
        super().__init__(f"{reason} (at byte {position})")
        self.reason = reason
        self.position = position

    @classmethod
    def truncated(
        cls, record: str, field: str, need: int, have: int, position: int
    ) -> MalformedRecord:
        """A field that reaches past the end."""
        return cls(f"{record}.{field} needs {need} bytes where {have} are left", position)

    @classmethod
    def negative(cls, record: str, field: str, length: int, position: int) -> MalformedRecord:
        """A negative length other than the one that means null."""
        return cls(f"{record}.{field} has length {length}", position)

    @classmethod
    def too_many(
        cls, record: str, field: str, count: int, most: int, position: int
    ) -> MalformedRecord:
        """More elements than anybody can have put there in earnest."""
        return cls(f"{record}.{field} has {count} elements, where {most} are accepted", position)
