"""``ip`` identities: addresses, and networks of them."""

from __future__ import annotations

import re
from ipaddress import IPv6Address
from typing import Final

# As Java's Integer.parseInt takes it.
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,10}")


def network(text: str) -> tuple[bytes, int] | None:
    """The address and the length of the prefix of an ``ip`` identity."""
    address, slash, length = text.partition("/")
    packed = _packed(address)
    if packed is None:
        return None
    bits = len(packed) * 8
    if slash:
        if not _NUMBER.fullmatch(length) or not 0 <= int(length) <= bits:
            return None
        bits = int(length)
    return packed, bits


def _packed(address: str) -> bytes | None:
    if ":" in address:
        try:
            return IPv6Address(address).packed
        except ValueError:
            return None
    parts = address.split(".")
    if len(parts) != 4 or not all(_NUMBER.fullmatch(part) for part in parts):
        return None
    numbers = [int(part) for part in parts]
    return bytes(numbers) if all(0 <= number <= 255 for number in numbers) else None


def same_network(address: str, text: str) -> bool:
    """Whether an address is within the network of an ``ip`` identity."""
    wanted, packed = network(text), _packed(address)
    if wanted is None or packed is None or len(packed) != len(wanted[0]):
        return False
    host_bits = len(packed) * 8 - wanted[1]
    return int.from_bytes(packed) >> host_bits == int.from_bytes(wanted[0]) >> host_bits
