"""Decoders derived from declarations.

For a record with fields ``a`` (int), ``b`` (buffer) and a nested Stat the derived
function reads, after bounds checks, one ``struct`` for ``a`` and ``b``'s length, a
slice for ``b``, and one ``struct`` for the eleven fields of the Stat.
"""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct
from typing import Any, TypeAlias, assert_never

from zkwire._jute._malformed import MalformedRecord
from zkwire._jute._shape import Fields, Fixed, Many, Node, Sized
from zkwire._jute._source import Source

Decoder: TypeAlias = Callable[[bytes, int, int], tuple[tuple[Any, ...], int]]


def derive_decoder(name: str, shape: Fields) -> Decoder:
    """Derive ``decode(data, pos, end) -> (values, pos after them)``.

    The function reads nothing at or behind ``end`` and raises ``MalformedRecord``
    alone, whatever the bytes are.
    """
    return _Maker(name).make(shape)


class _Maker:
    """Emits one decoder; fixed-size fields wait in ``_run`` until something needs their values."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._source = Source("decode")
        self._source.objects["malformed"] = MalformedRecord
        self._run: list[tuple[str, str, type | None]] = []  # (variable, formats, model)

    def make(self, shape: Fields) -> Decoder:
        self._source.line("def decode(data, pos, end, new=tuple.__new__):")
        self._source.indent()
        variables = [self._node(node, field) for field, node in shape.fields]
        self._flush()
        self._source.line(f"return ({''.join(f'{v}, ' for v in variables)}), pos")
        return self._source.compiled()

    def _node(self, node: Node, label: str) -> str:
        """Emit what reads one value; return the variable that will hold it."""
        match node:
            case Fixed(fmt):
                return self._fixed(label, fmt, None)
            case Sized(is_text):
                return self._sized(label, is_text=is_text)
            case Many(element, most):
                return self._many(label, element, most)
            case Fields(fields, cls):
                if all(isinstance(sub, Fixed) for _, sub in fields):
                    formats = "".join(sub.format for _, sub in fields if isinstance(sub, Fixed))
                    return self._fixed(label, formats, cls or tuple)
                return self._nested(label, fields, cls)
            case _:
                assert_never(node)

    def _fixed(self, label: str, formats: str, model: type | None) -> str:
        variable = self._source.fresh(label)
        self._run.append((variable, formats, model))
        return variable

    def _flush(self) -> None:
        """Emit one bounds check and one unpack for the fixed-size fields that wait."""
        if not self._run:
            return
        run, self._run = self._run, []
        layout = Struct(">" + "".join(formats for _, formats, _ in run))
        unpack = self._source.refer("unpack", layout.unpack_from)
        self._require(str(layout.size), run[0][0])
        if len(run) == 1 and run[0][2] is not None:
            variable, _, model = run[0]
            made = self._source.refer("model", model)
            self._source.line(f"{variable} = new({made}, {unpack}(data, pos))")
        elif any(model is not None for *_, model in run):
            self._split(run, unpack)
        else:
            names = "".join(f"{variable}, " for variable, *_ in run)
            self._source.line(f"{names}= {unpack}(data, pos)")
        self._source.line(f"pos += {layout.size}")

    def _split(self, run: list[tuple[str, str, type | None]], unpack: str) -> None:
        """Deal out one unpacked run to plain fields and nested models."""
        whole = self._source.fresh("run")
        self._source.line(f"{whole} = {unpack}(data, pos)")
        start = 0
        for variable, formats, model in run:
            stop = start + len(formats)
            if model is None:
                self._source.line(f"{variable} = {whole}[{start}]")
            else:
                made = self._source.refer("model", model)
                self._source.line(f"{variable} = new({made}, {whole}[{start}:{stop}])")
            start = stop

    def _require(self, size: str, label: str) -> None:
        field = label.rpartition("_")[0]
        self._source.line(f"if {size} > end - pos:")
        self._source.indent()
        self._source.line(
            f"raise malformed.truncated({self._name!r}, {field!r}, {size}, end - pos, pos)"
        )
        self._source.dedent()

    def _length(self, label: str) -> str:
        """Emit what reads a length or count, and open the branch in which it is not null."""
        length = self._fixed(label, "l", None)
        self._flush()
        return length

    def _null_or(self, variable: str, length: str, label: str) -> None:
        self._source.line(f"if {length} < 0:")
        self._source.indent()
        self._source.line(f"if {length} != -1:")
        self._source.indent()
        self._source.line(f"raise malformed.negative({self._name!r}, {label!r}, {length}, pos - 4)")
        self._source.dedent()
        self._source.line(f"{variable} = None")
        self._source.dedent()
        self._source.line("else:")
        self._source.indent()

    def _sized(self, label: str, *, is_text: bool) -> str:
        variable = self._source.fresh(label)
        length = self._length(label)
        self._null_or(variable, length, label)
        self._require(length, variable)
        read = (
            "data[pos:pos + {0}].decode('utf-8', 'replace')" if is_text else "data[pos:pos + {0}]"
        )
        self._source.line(f"{variable} = {read.format(length)}")
        self._source.line(f"pos += {length}")
        self._source.dedent()
        return variable

    def _many(self, label: str, element: Node, most: int | None) -> str:
        variable = self._source.fresh(label)
        count = self._length(label)
        self._null_or(variable, count, label)
        # Refuse a count that the bytes at hand cannot fill, before making anything of it.
        self._require(f"{count} * {element.least}", variable)
        if most is not None:
            self._source.line(f"if {count} > {most}:")
            self._source.indent()
            self._source.line(
                f"raise malformed.too_many({self._name!r}, {label!r}, {count}, {most}, pos - 4)"
            )
            self._source.dedent()
        self._source.line(f"{variable} = []")
        push = self._source.fresh("push")
        self._source.line(f"{push} = {variable}.append")
        self._source.line(f"for _ in range({count}):")
        self._source.indent()
        item = self._node(element, label)
        self._flush()
        self._source.line(f"{push}({item})")
        self._source.dedent()
        self._source.dedent()
        return variable

    def _nested(self, label: str, fields: tuple[tuple[str, Node], ...], cls: type | None) -> str:
        parts = [self._node(node, name) for name, node in fields]
        self._flush()
        variable = self._source.fresh(label)
        made = self._source.refer("model", cls or tuple)
        self._source.line(f"{variable} = new({made}, ({''.join(f'{p}, ' for p in parts)}))")
        return variable
