"""SASL mechanisms that ZooKeeper servers speak, for the option ``sasl`` of a connection.

::

    login = zkwire.sasl.digest_md5("bob", password)
    async with zkwire.open_connection(host, sasl=login) as zk: ...

The mechanisms themselves are other projects' work, imported when one is asked for:

* DIGEST-MD5 is pure-sasl's (extra ``sasl``).  No library that still sees releases has
  the client's side of it: the mechanism is historic (RFC 6331), and those that are
  kept up, such as pysasl and scramp, left it out or removed it.  pure-sasl's last release is of
  2019, but what it implements has not changed since 2000 (RFC 2831), and it is what
  kazoo uses too.  It is plain Python without dependencies.
* GSSAPI (Kerberos) is built on gssapi, python-gssapi's binding to the system's Kerberos
  library, which has releases every year (extra ``gssapi``, by itself because it is
  compiled, and needs a compiler and Kerberos' headers for that).  pure-sasl has this
  mechanism as well, over the package kerberos, which is abandoned.

SASL here proves who the client is.  It protects nothing that is said afterwards:
DIGEST-MD5 in particular belongs inside TLS.
"""

from zkwire.sasl._digest_md5 import digest_md5 as digest_md5
from zkwire.sasl._gssapi import gssapi as gssapi

__all__ = ["digest_md5", "gssapi"]
