"""Keys and certificates for servers that speak TLS, and for their clients."""

from __future__ import annotations

import importlib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from zkwire.testing._launcher._errors import ZooKeeperStartError

_NAMES: Final = ("localhost", "127.0.0.1")
_CLIENT: Final = "client@zkwire.test"


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsFiles:
    """PEM files of one authority, one server and one client.

    Attributes:
        ca: The certificate of the authority that both sides trust.
        server: The server's private key, unencrypted in PKCS #8, which is the one form that
            ZooKeeper reads, and its certificate chain.
        client: A client's private key and its certificate chain.
    """

    ca: Path
    server: Path
    client: Path

    def client_context(self, *, with_certificate: bool = True) -> ssl.SSLContext:
        """Make a context that trusts the authority, and shows the client's certificate.

        Args:
            with_certificate: False makes a client without one.
        """
        context = ssl.create_default_context(cafile=self.ca)
        if with_certificate:
            context.load_cert_chain(self.client)
        return context


def make_tls_files(
    directory: Path, *, names: Sequence[str] = _NAMES, not_after: datetime | None = None
) -> TlsFiles:
    """Make an authority and what it signs, with trustme.

    Args:
        directory: Where the files go; made if it is not there.
        names: The host names and addresses that the server's certificate is for.
        not_after: When that certificate ends; None means not in our time.

    Raises:
        ZooKeeperStartError: trustme is not installed.
    """
    trustme: Any
    try:
        trustme = importlib.import_module("trustme")
    except ModuleNotFoundError:
        raise ZooKeeperStartError(
            "certificates are made with trustme: pip install 'zkwire[testing]'"
        ) from None
    authority = trustme.CA()
    directory.mkdir(parents=True, exist_ok=True)
    files = TlsFiles(
        ca=directory / "ca.pem", server=directory / "server.pem", client=directory / "client.pem"
    )
    files.ca.write_bytes(authority.cert_pem.bytes())
    files.server.write_bytes(_pem(authority.issue_cert(*names, not_after=not_after)))
    files.client.write_bytes(_pem(authority.issue_cert(_CLIENT)))
    return files


def _pem(certificate: Any) -> bytes:  # noqa: ANN401  # trustme's LeafCert, which is not imported
    """The key and the chain, as one file."""
    serialization: Any = importlib.import_module("cryptography.hazmat.primitives.serialization")
    key = serialization.load_pem_private_key(certificate.private_key_pem.bytes(), None)
    blocks: list[bytes] = [
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
        *(blob.bytes() for blob in certificate.cert_chain_pems),
    ]
    return b"".join(blocks)
