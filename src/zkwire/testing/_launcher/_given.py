"""Provider 1: servers that run already, named in the environment."""

from __future__ import annotations

import os
from typing import ClassVar

from zkwire.testing._launcher._errors import UnavailableError, ZooKeeperStartError
from zkwire.testing._launcher._request import Request
from zkwire.testing._launcher._server import GivenServers
from zkwire.testing._launcher._words import report, split_address

VARIABLE = "ZKWIRE_TEST_SERVERS"


class GivenProvider:
    """Takes the servers of ``ZKWIRE_TEST_SERVERS=host:port,...``."""

    name: ClassVar[str] = "given"

    def find(self, request: Request) -> GivenServers:
        """Return the first addresses, as many as there are members asked for.

        A server that someone names and that does not answer is an error: to take another one
        in silence would test something else than what was meant.

        Raises:
            UnavailableError: None is named, or they cannot serve this request.
            ValueError: The variable holds something that is not an address.
            ZooKeeperStartError: A named server does not answer.
        """
        text = os.environ.get(VARIABLE, "").strip()
        if not text:
            raise UnavailableError(f"{VARIABLE} is not set", f"export {VARIABLE}=host:port,...")
        addresses = tuple(part.strip() for part in text.split(","))
        for address in addresses:
            try:
                split_address(address)
            except ValueError as error:
                raise ValueError(f"{VARIABLE}: {error}") from None
        if len(addresses) < request.members:
            raise UnavailableError(
                f"{VARIABLE} names {len(addresses)} of the {request.members} members asked for"
            )
        if not request.is_plain:
            raise UnavailableError("a given server cannot be given a configuration")
        taken = addresses[: request.members]
        for address in taken:
            self._check(address, request)
        return GivenServers(taken)

    @staticmethod
    def _check(address: str, request: Request) -> None:
        try:
            version = report(address).version
        except OSError as error:
            raise ZooKeeperStartError(f"{VARIABLE}: no answer from {address}: {error}") from error
        if not request.accepts_version(version):
            raise UnavailableError(f"{address} runs {version}, not {request.version}")
