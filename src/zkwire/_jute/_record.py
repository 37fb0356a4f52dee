"""A record: one declaration, and both engines that follow from it."""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct
from typing import Any, Final, Generic, TypeAlias, TypeVarTuple, cast

from zkwire._jute._derive_decoder import derive_decoder
from zkwire._jute._derive_encoder import derive_encoder
from zkwire._jute._malformed import MalformedRecord
from zkwire._jute._primitives import ConstructError, struct
from zkwire._jute._shape import Fields, Fixed, shape_of

Fs = TypeVarTuple("Fs")


class Record(Generic[*Fs]):
    """A record whose fields have the types ``Fs``, in wire order.

    ``encode`` and ``decode_from`` are derived from the declaration and are what
    zkwire runs on.  ``build`` and ``parse`` have construct interpret the same
    declaration: some fifty times slower, and the reference that property tests
    hold the derived pair to.
    """

    encode: Callable[[*Fs], bytes]
    """The record's bytes for the values of its fields."""

    decode_from: Callable[[bytes, int, int], tuple[tuple[*Fs], int]]
    """``(data, pos, end) -> (values, position behind them)``.

    Raises ``MalformedRecord`` where the bytes from ``pos`` up to ``end`` do not
    hold the record.  Bytes left over before ``end`` are not an error: newer
    servers may append fields.
    """

    def __init__(self, name: str, *fields: object) -> None:
        self.name: Final = name
        self.schema: Final = struct(*fields)
        shape = shape_of(self.schema)
        if not isinstance(shape, Fields):
            raise TypeError(f"{name}: a record has fields")
        self.shape: Final = shape
        # The generators cannot know what Fs stands for.
        self.encode = cast("Callable[[*Fs], bytes]", derive_encoder(shape))
        self.decode_from = cast(
            "Callable[[bytes, int, int], tuple[tuple[*Fs], int]]", derive_decoder(name, shape)
        )

    def __repr__(self) -> str:
        return f"<jute record {self.name}>"

    @property
    def layout(self) -> Struct:
        """The ``struct`` of a record all of whose fields have a fixed size."""
        formats = "".join(node.format for _, node in self.shape.fields if isinstance(node, Fixed))
        if len(formats) != len(self.shape.fields):
            raise TypeError(f"{self.name} has no fixed size")
        return Struct(f">{formats}")

    def encoder_behind(self, head: AnyRecord, /, **given: object) -> Callable[..., bytes]:
        """An encoder that writes ``head`` and this record in one go.

        Args:
            head: a record of fixed-size fields, such as a frame's length and header.
            **given: fields of ``head`` that are constant, or ``...`` for the one
                that counts the bytes behind it.  The others come first among the
                encoder's arguments.
        """
        return derive_encoder(self.shape, head=head.shape, given=given)

    def build(self, *values: *Fs) -> bytes:
        """Encode by interpreting the declaration."""
        given: tuple[Any, ...] = values
        names = (name for name, _ in self.shape.fields)
        built: bytes = self.schema.build(dict(zip(names, given, strict=True)))
        return built

    def parse(self, data: bytes) -> tuple[*Fs]:
        """Decode by interpreting the declaration; raises ``MalformedRecord``."""
        try:
            parsed = self.schema.parse(data)
        except ConstructError as error:
            raise MalformedRecord(f"{self.name}: {error}", 0) from error
        return cast("tuple[*Fs]", tuple(parsed[name] for name, _ in self.shape.fields))


AnyRecord: TypeAlias = Record[*tuple[Any, ...]]
"""Whatever its fields are."""
