"""The shape of a construct declaration, as the generators of fast code need it.

One walk over a schema turns it into four kinds of node.  Anything that a
generator would not understand is refused here, when the module is imported.
"""

from __future__ import annotations

from dataclasses import dataclass
from struct import calcsize
from typing import Any, Final, TypeAlias

from zkwire._jute._primitives import Bool, Buffer, Declared, UString


@dataclass(frozen=True, slots=True)
class Fixed:
    """A number or boolean, by its ``struct`` format character."""

    format: str

    @property
    def least(self) -> int:
        """The fewest bytes that it can take."""
        return calcsize(f">{self.format}")


@dataclass(frozen=True, slots=True)
class Sized:
    """A nullable run of bytes behind its length: a buffer, or text."""

    is_text: bool
    least: Final = 4


@dataclass(frozen=True, slots=True)
class Many:
    """A nullable vector behind its count, of ``most`` elements if that is bounded."""

    element: Node
    most: int | None = None
    least: Final = 4


@dataclass(frozen=True, slots=True)
class Fields:
    """A record: named fields in wire order, seen by callers as ``model`` if it has one."""

    fields: tuple[tuple[str, Node], ...]
    model: type[tuple[Any, ...]] | None = None

    @property
    def least(self) -> int:
        """The fewest bytes that it can take."""
        return sum(node.least for _, node in self.fields)


Node: TypeAlias = Fixed | Sized | Many | Fields


def shape_of(declared: Declared) -> Node:
    """Walk a construct declaration."""
    if declared is Bool:
        return Fixed("?")
    if declared is Buffer or declared is UString:
        return Sized(is_text=declared is UString)
    if (element := getattr(declared, "jute_element", None)) is not None:
        return Many(shape_of(element), declared.jute_most)
    if (schema := getattr(declared, "jute_schema", None)) is not None:
        return Fields(_fields_of(schema), declared.jute_model)
    if (subcons := getattr(declared, "subcons", None)) is not None:
        return Fields(tuple((field.name, shape_of(field.subcon)) for field in subcons))
    formatted = getattr(declared, "fmtstr", "")
    if len(formatted) == 2 and formatted[0] == ">":
        return Fixed(formatted[1])
    raise TypeError(f"no fast codec can be derived from {declared!r}")


def _fields_of(schema: Declared) -> tuple[tuple[str, Node], ...]:
    return tuple((field.name, shape_of(field.subcon)) for field in schema.subcons)
