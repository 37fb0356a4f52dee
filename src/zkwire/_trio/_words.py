"""Four-letter words: what a server says of itself, on a connection of its own."""

from __future__ import annotations

import math
import ssl
from typing import Final

import trio

from zkwire._arguments import require_instance
from zkwire._errors import InvalidArgument
from zkwire._trio._dialling import Dial, check_destination, dial_server

MAX_ANSWER: Final = 16 * 1024 * 1024
"""Bytes; ``cons`` of a crowded server has some 200 for each connection."""

_WORD_LENGTH: Final = 4


async def four_letter_word(
    host: str,
    port: int,
    word: str,
    *,
    ssl_context: ssl.SSLContext | None = None,
    dial: Dial | None = None,
) -> str:
    """Ask a server a four-letter word, such as ``srvr`` or ``isro``, and return its answer.

    A checkpoint, and can be cancelled without effect; it waits for as long as the server
    takes.  A word that the server's ``4lw.commands.whitelist`` leaves out is answered with
    a sentence that says so, not with an error.

    Args:
        host: as for ``open_connection``.
        port: 1 to 65535.
        word: four lower-case ASCII letters.
        ssl_context: as for ``open_connection``.
        dial: as for ``open_connection``.

    Returns:
        The answer, to the end of the connection.

    Raises:
        OSError: no connection could be made, or it broke.
        ServerUnusable: TLS could not be agreed upon.
        InvalidArgument: an argument is out of range.
        InvalidArgumentType: an argument is of another type.
    """
    check_destination(host, port, ssl_context, dial)
    require_instance("word", word, str)
    if len(word) != _WORD_LENGTH or not (word.isascii() and word.isalpha() and word.islower()):
        raise InvalidArgument(f"word: must be four lower-case letters, not {word!r}")
    stream = await dial_server(host, port, ssl_context, dial, seconds=math.inf)
    try:
        await stream.send_all(word.encode())
        answer = bytearray()
        # No half-close, which TLS cannot do: the server closes behind its answer.
        while data := await stream.receive_some():
            answer += data
            if len(answer) > MAX_ANSWER:
                raise OSError(f"{word}: an answer of more than {MAX_ANSWER} bytes")
    except trio.BrokenResourceError as error:
        raise ConnectionResetError(f"{host}:{port} broke the connection") from error
    finally:
        await trio.aclose_forcefully(stream)
    return answer.decode("utf-8", "replace")
