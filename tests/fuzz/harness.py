"""What every target shares: reading an input piece by piece, and the loop of atheris.

A target is a module with ``check(data)``, which raises on a broken invariant.  It
needs no atheris to be imported, so that the corpus runs among the ordinary tests.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FunctionType

PACKAGES = ["zkwire._arguments", "zkwire._jute", "zkwire._paths", "zkwire._proto"]
ARTIFACT_PREFIX = "-artifact_prefix="
ADDRESSES = ["coordinator._addresses", "coordinator._config"]


@contextmanager
def instrumented(name: str, include: list[str]) -> Iterator[None]:
    """Count coverage in the modules imported here, if the target runs as a program."""
    if name != "__main__":
        yield
        return
    import atheris

    # trio and the shell around the protocol are no business of the targets: left as they are.
    import trio  # noqa: F401

    with atheris.instrument_imports(include=include):
        yield


def instrument_derived(*functions: object) -> None:
    """Count coverage in functions that no import shows: those compiled from text."""
    import atheris

    for function in functions:
        assert isinstance(function, FunctionType)
        atheris.instrument_func(function)


def fuzz(check: Callable[[bytes], None]) -> None:
    """Hand over to libFuzzer, which ends the process."""
    import atheris

    prefixes = [option for option in sys.argv if option.startswith(ARTIFACT_PREFIX)]

    def test_one_input(data: bytes) -> None:
        try:
            check(data)
        except Exception:
            # libFuzzer writes it too, but not if the process dies on its way out.
            for option in prefixes:
                Path(f"{option.removeprefix(ARTIFACT_PREFIX)}exception").write_bytes(data)
            raise

    atheris.Setup(sys.argv, test_one_input)
    atheris.Fuzz()


class Reader:
    """An input as a list of small choices; where it ends, every choice is 0."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._pos = 0

    @property
    def is_at_end(self) -> bool:
        return self._pos >= len(self._data)

    def byte(self) -> int:
        if self._pos >= len(self._data):
            return 0
        self._pos += 1
        return self._data[self._pos - 1]

    def bytes(self, count: int) -> bytes:
        """At most ``count`` bytes."""
        found = self._data[self._pos : self._pos + count]
        self._pos += len(found)
        return found

    def number(self, size: int) -> int:
        """A signed number of ``size`` bytes."""
        return int.from_bytes(self.bytes(size).ljust(size, b"\x00"), "big", signed=True)

    def rest(self) -> bytes:
        return self.bytes(len(self._data))
