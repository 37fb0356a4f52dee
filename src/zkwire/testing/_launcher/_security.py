"""What TLS and SASL add to a server: files, lines of zoo.cfg and system properties."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from zkwire.testing._launcher._request import ConfigValue, Request
from zkwire.testing._launcher._tls import TlsFiles, make_tls_files

_SERVER: Final = "org.apache.zookeeper.server"


@dataclass(frozen=True, slots=True, kw_only=True)
class Security:
    """What the members of an ensemble have in common; all of it may be absent.

    Attributes:
        tls: The keys and certificates.
        jaas: The file with the names and passwords.
    """

    tls: TlsFiles | None = None
    jaas: Path | None = None

    @property
    def files(self) -> list[Path]:
        """What servers must be able to read, under these very paths."""
        tls = [] if self.tls is None else [self.tls.ca, self.tls.server]
        return tls if self.jaas is None else [*tls, self.jaas]

    def config(self, secure_port: int | None, host: str) -> dict[str, ConfigValue]:
        """List the lines of one member's zoo.cfg."""
        lines: dict[str, ConfigValue] = {}
        if self.tls is not None and secure_port is not None:
            lines |= {
                # The default factory knows no TLS.
                "serverCnxnFactory": f"{_SERVER}.NettyServerCnxnFactory",
                "secureClientPort": secure_port,
                "secureClientPortAddress": host,
                "ssl.keyStore.location": str(self.tls.server),
                "ssl.trustStore.location": str(self.tls.ca),
            }
        if self.jaas is not None:
            lines["authProvider.1"] = f"{_SERVER}.auth.SASLAuthenticationProvider"
        return lines

    @property
    def system_properties(self) -> dict[str, str]:
        """List the JVM's properties."""
        if self.jaas is None:
            return {}
        return {
            "java.security.auth.login.config": str(self.jaas),
            # On by default from 3.9, it is at odds with MD5.
            "zookeeper.fips-mode": "false",
        }


PLAIN: Final = Security()
"""Neither TLS nor SASL."""


def prepare_security(request: Request, directory: Path) -> Security:
    """Write the files that the request calls for.

    Raises:
        ZooKeeperStartError: Certificates are wanted, and trustme is not installed.
    """
    tls = request.tls if isinstance(request.tls, TlsFiles) else None
    if request.tls is True:
        tls = make_tls_files(directory)
    jaas = None
    if request.sasl:
        directory.mkdir(exist_ok=True)
        jaas = directory / "jaas.conf"
        jaas.write_text(jaas_file(request.sasl), encoding="utf-8")
    return Security(tls=tls, jaas=jaas)


def jaas_file(users: Mapping[str, str]) -> str:
    """Write the file that gives servers their DIGEST-MD5 users."""
    options = "".join(f"\n    user_{user}={_quoted(text)}" for user, text in users.items())
    return f"Server {{\n    {_SERVER}.auth.DigestLoginModule required{options};\n}};\n"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
