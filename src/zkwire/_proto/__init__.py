"""The protocol without I/O: bytes in, events out, time as an argument."""
