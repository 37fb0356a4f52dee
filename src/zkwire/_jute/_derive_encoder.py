"""Encoders derived from declarations: one ``struct.pack`` for each run of fixed-size fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from struct import Struct
from typing import Any, assert_never

from zkwire._jute._shape import Fields, Fixed, Many, Node, Sized
from zkwire._jute._source import Source


def derive_encoder(
    shape: Fields, *, head: Fields | None = None, given: Mapping[str, object] | None = None
) -> Callable[..., bytes]:
    """Derive ``encode(*values) -> bytes``.

    With ``head``, a fixed-size record that goes first, the values of its fields
    come before the record's own, except for those in ``given``: a constant, or
    ``...`` for the number of bytes that follow the field.  Head and body share
    their first ``struct.pack``.
    """
    return _Maker().make(shape, head, given or {})


class _Maker:
    """Emits one encoder; fixed-size values wait in ``_run`` until something of other size comes."""

    def __init__(self) -> None:
        self._source = Source("encode")
        self._run: list[tuple[str, str]] = []  # (expression, format)
        self._parts: list[str] = []
        self._sizes: list[str] = []
        self._fixed_size = 0

    def make(
        self, shape: Fields, head: Fields | None, given: Mapping[str, object]
    ) -> Callable[..., bytes]:
        leading: list[tuple[str, Fixed]] = []
        for name, node in head.fields if head is not None else ():
            if not isinstance(node, Fixed):
                raise TypeError(f"{name}: a head has fixed-size fields only")
            leading.append((name, node))
        arguments = [f"head_{name}" for name, _ in leading if name not in given]
        arguments += [f"value_{name}" for name, _ in shape.fields]
        self._source.line(f"def encode({', '.join(arguments)}):")
        self._source.indent()
        counted_from: int | None = None
        for name, node in leading:
            value = given.get(name, f"head_{name}")
            if value is ...:
                value, counted_from = "total", self._fixed_size + node.least
            self._fixed(str(value), node.format)
        for name, node in shape.fields:
            self._node(node, f"value_{name}")
        self._flush()
        if counted_from is not None:
            sizes = "".join(f" + {size}" for size in self._sizes)
            self._source.line(f"total = {self._fixed_size - counted_from}{sizes}")
        joined = " + ".join(self._parts) if self._parts else "b''"
        self._source.line(f"return {joined}")
        encode: Callable[..., bytes] = self._source.compiled()
        return encode

    def _node(self, node: Node, value: str) -> None:
        match node:
            case Fixed(fmt):
                self._fixed(value, fmt)
            case Sized(is_text):
                raw = self._source.fresh("raw")
                taken = f"{value}.encode()" if is_text else value
                self._nullable(value, raw, f"{raw} = {taken}", f"len({raw})")
            case Many(element):  # what this side sends is bounded by its frame
                raw = self._source.fresh("raw")
                each = self._source.refer("each", _encoder_of(element))
                self._nullable(
                    value, raw, f"{raw} = b''.join(map({each}, {value}))", f"len({value})"
                )
            case Fields(fields):
                names = [self._source.fresh("part") for _ in fields]
                self._source.line(f"{''.join(f'{name}, ' for name in names)}= {value}")
                for name, (_, sub) in zip(names, fields, strict=True):
                    self._node(sub, name)
            case _:
                assert_never(node)

    def _fixed(self, expression: str, fmt: str) -> None:
        self._run.append((expression, fmt))
        self._fixed_size += Fixed(fmt).least

    def _nullable(self, value: str, raw: str, take: str, count: str) -> None:
        """Emit a count and what it counts, or the count that means null and nothing."""
        length = self._source.fresh("length")
        self._source.line(f"if {value} is None:")
        self._source.indent()
        self._source.line(f"{length} = -1; {raw} = b''")
        self._source.dedent()
        self._source.line("else:")
        self._source.indent()
        self._source.line(f"{take}; {length} = {count}")
        self._source.dedent()
        self._fixed(length, "l")
        self._flush()
        self._parts.append(raw)
        self._sizes.append(f"len({raw})")

    def _flush(self) -> None:
        if not self._run:
            return
        run, self._run = self._run, []
        pack = self._source.refer("pack", Struct(">" + "".join(f for _, f in run)).pack)
        self._parts.append(f"{pack}({', '.join(expression for expression, _ in run)})")


def _encoder_of(node: Node) -> Callable[[Any], bytes]:
    """An encoder of one element of a vector."""
    return derive_encoder(Fields((("element", node),)))
