"""A request: an operation with its arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, final

from zkwire._proto._operations import Operation
from zkwire._types import SpecialXid, WatchKind

T_co = TypeVar("T_co", covariant=True)


@final
class Request(Generic[T_co]):
    """What to ask a server.  ``path`` is the server's path that an error will name."""

    __slots__ = ("decode", "operation", "path", "special_xid", "values", "watch")

    def __init__(
        self,
        operation: Operation[T_co],
        path: str | None,
        values: tuple[Any, ...],
        *,
        watch: WatchKind | None = None,
        special_xid: SpecialXid | None = None,
        decode: Callable[[bytes], T_co] | None = None,
    ) -> None:
        self.operation = operation
        # A multi's results are read with its own paths at hand.
        self.decode: Callable[[bytes], T_co] = operation.decode if decode is None else decode
        self.path = path
        self.values = values
        self.watch = watch
        self.special_xid = special_xid

    @property
    def is_read(self) -> bool:
        """Whether sending it twice does no harm."""
        return self.operation.is_read

    def __repr__(self) -> str:
        # Never the values: they hold data, and in later requests credentials.
        return f"<{self.operation.name} {self.path}>"
