"""The password that a server gives with a session: it follows from the session's number alone."""

from __future__ import annotations

from typing import Final

# ZooKeeperServer.generatePasswd seeds java.util.Random with the number XOR this constant, and
# ZooKeeperServer.checkPasswd computes it again: no server stores a password.
_SERVER_SECRET: Final = 0xB3415C00
_PASSWORD_LENGTH: Final = 16

# The 48-bit generator that java.util.Random's documentation prescribes.
_MULTIPLIER: Final = 0x5DEECE66D
_INCREMENT: Final = 0xB
_MASK: Final = (1 << 48) - 1


def session_password(session_id: int) -> bytes:
    """Return the 16 bytes with which a client proves that a session is its own.

    Args:
        session_id: The number that the server gave, signed or not: 64 bits count.
    """
    # The constructor scrambles its seed with the multiplier.
    state = (session_id ^ _SERVER_SECRET ^ _MULTIPLIER) & _MASK
    password = bytearray()
    while len(password) < _PASSWORD_LENGTH:
        state = (state * _MULTIPLIER + _INCREMENT) & _MASK
        # nextBytes takes each 32-bit number from its lowest byte up.
        password += (state >> 16).to_bytes(4, "little")
    return bytes(password)
