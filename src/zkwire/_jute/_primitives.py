"""Jute's types as construct declarations: the language that ``_records`` is written in.

construct has no type annotations, so all that it hands out is ``Any``.  None of
it leaves this package: ``_record.Record`` gives every value its type back.

Null and empty are different things on this wire.  A length or count of -1 is
null; another negative one is an error.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

import construct as _construct  # type: ignore[import-untyped]

Declared: TypeAlias = Any
"""Whatever construct makes of a declaration."""

construct: Final[Declared] = _construct
ConstructError: Final[type[Exception]] = construct.ConstructError

Int: Final[Declared] = construct.Int32sb
Long: Final[Declared] = construct.Int64sb
Bool: Final[Declared] = construct.Flag  # like Java's reader, takes any byte but 0 as true


def _is_not_null(this: Declared) -> bool:
    return bool(this.length >= 0)


def _length(this: Declared) -> int:
    return int(this.length)


def _nullable(contents: Declared, most: int | None = None) -> Declared:
    """What a length of -1 may replace: a length, and that many of something."""

    def is_in_bounds(this: Declared) -> bool:
        return bool(this.length >= -1 and (most is None or this.length <= most))

    return construct.Struct(
        "length" / Int,
        construct.Check(is_in_bounds),
        "contents" / construct.If(_is_not_null, contents),
    )


def _unwrap(parsed: Declared, _context: object) -> bytes | None:
    raw: bytes | None = parsed.contents
    return raw


def _wrap(value: bytes | list[object] | None, _context: object) -> dict[str, object]:
    return {"length": -1 if value is None else len(value), "contents": value}


def _decode(raw: bytes | None, _context: object) -> str | None:
    # Replaces what is not UTF-8: Java writes characters above U+FFFF as two
    # surrogates of three bytes each (BinaryOutputArchive.java), and one odd ACL
    # id must not cost a connection.
    return None if raw is None else raw.decode("utf-8", "replace")


def _encode(text: str | None, _context: object) -> bytes | None:
    return None if text is None else text.encode("utf-8")


def _to_list(parsed: Declared, _context: object) -> list[object] | None:
    return None if parsed.contents is None else list(parsed.contents)


Buffer: Final[Declared] = construct.ExprAdapter(_nullable(construct.Bytes(_length)), _unwrap, _wrap)
UString: Final[Declared] = construct.ExprAdapter(Buffer, _decode, _encode)


def vector(element: Declared, most: int | None = None) -> Declared:
    """Any number of one type, or at most ``most``."""
    items = construct.Array(_length, element)
    declared = construct.ExprAdapter(_nullable(items, most), _to_list, _wrap)
    declared.jute_element = element
    declared.jute_most = most
    return declared


def struct(*fields: Declared) -> Declared:
    """Fields one after another, without tag or padding."""
    return construct.Struct(*fields)


def model(cls: type[tuple[Any, ...]], *fields: Declared) -> Declared:
    """A nested record that callers see as ``cls``, a named tuple with a field for each."""
    names: list[str] = [field.name for field in fields]

    def to_model(parsed: Declared, _context: object) -> tuple[Any, ...]:
        return cls(*(parsed[name] for name in names))

    def to_fields(value: tuple[Any, ...], _context: object) -> dict[str, Any]:
        return dict(zip(names, value, strict=True))

    schema = struct(*fields)
    declared = construct.ExprAdapter(schema, to_model, to_fields)
    declared.jute_schema = schema
    declared.jute_model = cls
    return declared
