"""Invariant: paths and addresses are taken or refused by their rule, with its error and no other.

Input: what to check and how text is written, then text.  ZooKeeper's path rule is held
to a transliteration of Java's loop over UTF-16 units; an address that is taken reads the
same when written again; a root path that is taken is a legal path.
"""

from __future__ import annotations

from fuzz.harness import ADDRESSES, PACKAGES, fuzz, instrument_derived, instrumented

with instrumented(__name__, PACKAGES + ADDRESSES):
    from coordinator._addresses import parse_servers
    from coordinator._config import check_root_path
    from coordinator._errors import ConfigurationError
    from zkwire._errors import InvalidArgument
    from zkwire._paths import _fault, check_path, check_sequential_path
    from zkwire._proto import _requests as build


def java_takes(path: str) -> bool:
    """Java's PathUtils.validatePath, unit by unit."""
    if not path or path[0] != "/":
        return False
    if path == "/":
        return True
    if path[-1] == "/":
        return False
    raw = path.encode("utf-16-be", "surrogatepass")
    units = [int.from_bytes(raw[at : at + 2], "big") for at in range(0, len(raw), 2)]
    slash, dot = ord("/"), ord(".")
    last = slash
    for at in range(1, len(units)):
        unit = units[at]
        if unit == 0 or (unit == slash and last == slash):
            return False
        if unit == dot and last == dot:
            ends = at + 1 == len(units) or units[at + 1] == slash
            if units[at - 2] == slash and ends:
                return False
        elif unit == dot:
            ends = at + 1 == len(units) or units[at + 1] == slash
            if units[at - 1] == slash and ends:
                return False
        elif (
            0x00 < unit <= 0x1F
            or 0x7F <= unit <= 0x9F
            or 0xD800 <= unit <= 0xF8FF
            or 0xFFF0 <= unit <= 0xFFFF
        ):
            return False
        last = unit
    return True


def text_of(data: bytes, *, is_narrow: bool) -> str:
    """Characters up to U+00FF, a byte each; or any, halves of surrogate pairs among them."""
    if is_narrow:
        return data.decode("latin-1")
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return data.decode("utf-8", "surrogateescape")


def check_a_path(text: str) -> None:
    try:
        path = check_path(text)
    except InvalidArgument as error:
        assert type(error) is InvalidArgument
        assert not java_takes(text)
        return
    assert path == text
    assert java_takes(text)
    request = build.get_data(path)
    assert text.encode() in request.operation.encode_frame(1, *request.values)


def check_a_sequential_path(text: str) -> None:
    try:
        path = check_sequential_path(text)
    except InvalidArgument:
        assert not java_takes(text + "1")
        return
    assert path == text
    assert java_takes(text + "1")


def check_servers(text: str) -> None:
    elements = text.split("\n")
    try:
        addresses = parse_servers(elements)
    except ConfigurationError as error:
        assert type(error) is ConfigurationError
        assert "servers" in str(error)
        return
    assert text.isascii()
    assert len(addresses) == len(elements)
    assert len(set(addresses)) == len(addresses)
    for address in addresses:
        assert address.host
        assert 1 <= address.port <= 65535
        assert address.host.isascii()
        assert not any(mark in address.host for mark in "[]/, %\x00")
    assert parse_servers([str(address) for address in addresses]) == addresses


def check_a_root_path(text: str) -> None:
    try:
        path = check_root_path(text)
    except ConfigurationError as error:
        assert type(error) is ConfigurationError
        assert "root_path" in str(error)
        return
    assert check_path(path) == text
    assert path != "/zookeeper"
    assert not path.startswith("/zookeeper/")


CHECKS = [check_a_path, check_servers, check_a_root_path, check_a_sequential_path]


def check(data: bytes) -> None:
    _fault.cache_clear()  # or its memory would hide the rule from the coverage
    if data:
        text = text_of(data[1:], is_narrow=bool(data[0] & 4))
        CHECKS[data[0] % len(CHECKS)](text)


if __name__ == "__main__":
    # A pattern shows no comparison to the fuzzer; the rule by hand does.
    instrument_derived(java_takes)
    fuzz(check)
