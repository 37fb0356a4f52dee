"""Hypothesis strategies for the values of a record, made from the record's shape."""

from __future__ import annotations

import inspect
from typing import Any, assert_never

from hypothesis import strategies as st

from zkwire._jute import Record
from zkwire._jute import records as declared
from zkwire._jute._shape import Fields, Fixed, Many, Node, Sized

RECORDS: dict[str, Record] = {
    name: value for name, value in inspect.getmembers(declared) if isinstance(value, Record)
}

_NUMBERS = {"l": st.integers(-(2**31), 2**31 - 1), "q": st.integers(-(2**63), 2**63 - 1)}
_TEXTS = st.text(max_size=6)
_BUFFERS = st.binary(max_size=6)


def values(node: Node) -> st.SearchStrategy[Any]:
    match node:
        case Fixed("?"):
            return st.booleans()
        case Fixed(fmt):
            return _NUMBERS[fmt]
        case Sized(is_text):
            return st.none() | (_TEXTS if is_text else _BUFFERS)
        case Many(element):
            return st.none() | st.lists(values(element), max_size=3)
        case Fields(fields, cls):
            made = cls._make if cls is not None else tuple
            return st.tuples(*(values(sub) for _, sub in fields)).map(made)
        case _:
            assert_never(node)


def arguments(record: Record) -> st.SearchStrategy[tuple[Any, ...]]:
    """The values of all of a record's fields."""
    return values(Fields(record.shape.fields))
