"""Four-letter words, asked on connections of their own."""

from __future__ import annotations

from contextlib import aclosing

from zkwire.conformance._address import Address
from zkwire.conformance._wire import Wire

_SWITCHED_OFF = "not in the whitelist"


async def ask(address: Address, word: str) -> str | None:
    """The answer to a word, or None where it is switched off.

    A checkpoint; cancelled, it has asked or not.

    Raises:
        OSError: Nothing listens there.
    """
    wire = await Wire.connect(address)
    async with aclosing(wire):
        await wire.send_word(word)
        text = (await wire.rest()).decode("utf-8", "replace")
    return None if not text or _SWITCHED_OFF in text else text
