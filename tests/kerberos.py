"""A Kerberos realm on this machine alone, with one server and one user."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from zkwire.testing._launcher._ports import lease_ports
from zkwire.testing._launcher._spawn import spawn
from zkwire.testing._launcher._waiting import wait_until
from zkwire.testing._launcher._words import listens

REALM = "ZKWIRE.TEST"
SERVER = f"zookeeper/localhost@{REALM}"
USER = f"bob@{REALM}"

_KRB5_CONF = """\
[libdefaults]
 default_realm = {realm}
 dns_lookup_kdc = false
 dns_lookup_realm = false
 dns_canonicalize_hostname = false
 rdns = false
 # TCP alone: one port to wait for.
 udp_preference_limit = 1
[realms]
 {realm} = {{
  kdc = {address}
 }}
[domain_realm]
 localhost = {realm}
"""
_KDC_CONF = """\
[kdcdefaults]
 kdc_listen = ""
 kdc_tcp_listen = {address}
[realms]
 {realm} = {{
  database_name = {directory}/principal
  key_stash_file = {directory}/stash
  acl_file = {directory}/kadm5.acl
 }}
"""
_JAAS = """\
Server {{
  com.sun.security.auth.module.Krb5LoginModule required
  useKeyTab=true keyTab="{directory}/server.keytab" storeKey=true useTicketCache=false
  principal="{server}";
}};
"""
_SETUP_LIMIT = 30.0


def what_is_missing() -> str | None:
    """Why there can be no realm here, or None."""
    if importlib.util.find_spec("gssapi") is None:
        return "gssapi is not installed: pip install '.[gssapi]' (needs libkrb5-dev)"
    missing = [
        name for name in ("krb5kdc", "kdb5_util", "kadmin.local", "kinit") if not _path(name)
    ]
    return (
        f"apt-get install krb5-kdc krb5-admin-server krb5-user: no {missing}" if missing else None
    )


def _path(command: str) -> str | None:
    return shutil.which(command, path=f"{os.environ.get('PATH', '')}:/usr/sbin")


@dataclass(frozen=True)
class Realm:
    """``environment`` is a client's; the rest is what a server is started with."""

    environment: dict[str, str]
    config: dict[str, str]
    system_properties: dict[str, str]


@contextmanager
def kerberos_realm(directory: Path) -> Generator[Realm]:
    """Run a key distribution centre, and get a ticket for the user."""
    (lease,) = lease_ports(1)
    with ExitStack() as stack:
        stack.callback(lease.release)
        names = {"realm": REALM, "server": SERVER, "directory": directory}
        names["address"] = f"127.0.0.1:{lease.port}"
        for name, text in (
            ("krb5.conf", _KRB5_CONF),
            ("kdc.conf", _KDC_CONF),
            ("jaas.conf", _JAAS),
            ("kadm5.acl", ""),
        ):
            (directory / name).write_text(text.format(**names))
        client = {
            "KRB5_CONFIG": f"{directory}/krb5.conf",
            "KRB5CCNAME": f"FILE:{directory}/tickets",
        }
        environment = {**os.environ, **client, "KRB5_KDC_PROFILE": f"{directory}/kdc.conf"}

        def run(command: str, *arguments: str) -> None:
            path = _path(command)
            assert path is not None
            subprocess.run(
                [path, *arguments],
                env=environment,
                check=True,
                capture_output=True,
                timeout=_SETUP_LIMIT,
            )

        run("kdb5_util", "create", "-s", "-r", REALM, "-P", "of no importance")
        for principal, table in ((SERVER, "server.keytab"), (USER, "client.keytab")):
            run("kadmin.local", "-q", f"addprinc -randkey {principal}")
            run("kadmin.local", "-q", f"ktadd -k {directory}/{table} {principal}")
        log = directory / "kdc.log"
        kdc = spawn([_path("krb5kdc"), "-n"], log=log, cwd=directory, env=environment)
        stack.callback(kdc.wait, _SETUP_LIMIT)
        stack.callback(kdc.kill)
        assert wait_until(lambda: listens(names["address"]), _SETUP_LIMIT), log.read_text()
        run("kinit", "-k", "-t", f"{directory}/client.keytab", USER)
        yield Realm(
            environment=client,
            config={
                "authProvider.1": "org.apache.zookeeper.server.auth.SASLAuthenticationProvider"
            },
            system_properties={
                "java.security.auth.login.config": f"{directory}/jaas.conf",
                "java.security.krb5.conf": f"{directory}/krb5.conf",
            },
        )
