"""Records: bytes to values and back.  The only package that imports construct."""

from zkwire._jute import _records as records
from zkwire._jute._malformed import MalformedRecord
from zkwire._jute._record import AnyRecord, Record

__all__ = ["AnyRecord", "MalformedRecord", "Record", "records"]
