"""ZooKeeper's four-letter words: the one question a server answers without a session."""

from __future__ import annotations

import re
import socket
import time
from dataclasses import dataclass

ANSWER_LIMIT = 2.0
"""Seconds for a whole answer. A live server on the loopback needs a few milliseconds."""

NOT_SERVING = "not serving"
"""The mode of a member that is up but has no quorum, or is still electing."""

_VERSION = re.compile(r"^Zookeeper version: (\d+(?:\.\d+)*)", re.MULTILINE)
_MODE = re.compile(r"^Mode: (.+)$", re.MULTILINE)
_WORD = re.compile(r"[a-z]{4}")


@dataclass(frozen=True, slots=True)
class ServerReport:
    """What a server says about itself in answer to ``srvr``."""

    version: str
    mode: str


def split_address(address: str) -> tuple[str, int]:
    """Split ``host:port``, with or without brackets round an IPv6 host.

    Raises:
        ValueError: The address is not of that form, or the port is not in 1..65535.
    """
    host, colon, port = address.rpartition(":")
    if not colon or not host or not port.isascii() or not port.isdigit():
        raise ValueError(f"{address!r} is not an address of the form host:port")
    if not 1 <= int(port) <= 65_535:
        raise ValueError(f"the port of {address!r} is not in 1..65535")
    return host.removeprefix("[").removesuffix("]"), int(port)


def ask(address: str, word: str) -> str:
    """Send one four-letter word and return the whole answer.

    Raises:
        ValueError: The word is not four lower-case letters.
        TimeoutError: No whole answer within two seconds: the server is frozen or unreachable.
        OSError: Nothing listens at the address, or the connection broke.
    """
    if not _WORD.fullmatch(word):
        raise ValueError(f"{word!r} is not a four-letter word: four lower-case letters a-z")
    deadline = time.monotonic() + ANSWER_LIMIT
    chunks: list[bytes] = []
    with socket.create_connection(split_address(address), timeout=ANSWER_LIMIT) as connection:
        connection.sendall(word.encode("ascii"))
        while True:
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                raise TimeoutError(f"{address} did not finish its answer to {word!r}")
            connection.settimeout(remaining)
            chunk = connection.recv(65_536)
            if not chunk:
                return b"".join(chunks).decode("utf-8", "replace")
            chunks.append(chunk)


def parse_report(answer: str) -> ServerReport:
    """Read version and mode from an answer to ``srvr``.

    A server without a quorum answers with one sentence and no fields; one that does not allow
    the word answers with another. Both give the mode ``"not serving"`` or an unknown version.
    """
    version = _VERSION.search(answer)
    mode = _MODE.search(answer)
    return ServerReport(
        version=version[1] if version else "unknown",
        mode=mode[1].strip() if mode else NOT_SERVING,
    )


def report(address: str) -> ServerReport:
    """Ask ``srvr`` and read the answer. Raises what `ask` raises."""
    return parse_report(ask(address, "srvr"))


def answers(address: str) -> bool:
    """Say whether a server at this address answers ``ruok``, whatever its state."""
    try:
        return ask(address, "ruok") == "imok"
    except OSError:
        return False


def listens(address: str) -> bool:
    """Say whether anything takes connections at this address."""
    try:
        socket.create_connection(split_address(address), timeout=ANSWER_LIMIT).close()
    except OSError:
        return False
    return True


def mode_or_silence(address: str) -> str | None:
    """Return the mode, or None where the server does not answer at all."""
    try:
        return report(address).mode
    except OSError:
        return None
