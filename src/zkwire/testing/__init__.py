"""Test kit: real ZooKeeper servers that a test can start, kill, freeze and start again.

`open_zookeeper` and `start_zookeeper` take the first of these providers that works, and say which
it was and why the others were passed over:

1. ``given``: the servers of ``ZKWIRE_TEST_SERVERS=host:port,...``;
2. ``docker``: containers of ``zookeeper:3.9``, or of the image that ``ZKWIRE_TEST_IMAGE`` names,
   through testcontainers (the ``testing`` extra);
3. ``maven``: a local JVM, with jars that the ``mvn`` command fetches once;
4. ``debian``: a local JVM, with the jars of Debian's package, installed where the caller is root.

``ZKWIRE_TEST_PROVIDER`` names one of the four to try no other.
"""

from zkwire.testing._launcher import AsyncEnsemble as AsyncEnsemble
from zkwire.testing._launcher import AsyncMember as AsyncMember
from zkwire.testing._launcher import Ensemble as Ensemble
from zkwire.testing._launcher import Member as Member
from zkwire.testing._launcher import NotControllableError as NotControllableError
from zkwire.testing._launcher import NoZooKeeperError as NoZooKeeperError
from zkwire.testing._launcher import PassedOver as PassedOver
from zkwire.testing._launcher import TlsFiles as TlsFiles
from zkwire.testing._launcher import ZooKeeperStartError as ZooKeeperStartError
from zkwire.testing._launcher import make_tls_files as make_tls_files
from zkwire.testing._launcher import open_zookeeper as open_zookeeper
from zkwire.testing._launcher import start_zookeeper as start_zookeeper

__all__ = [
    "AsyncEnsemble",
    "AsyncMember",
    "Ensemble",
    "Member",
    "NoZooKeeperError",
    "NotControllableError",
    "PassedOver",
    "TlsFiles",
    "ZooKeeperStartError",
    "make_tls_files",
    "open_zookeeper",
    "start_zookeeper",
]

# Tracebacks name a class as users import it, not by the private module it lives in.
for _public in (
    AsyncEnsemble,
    AsyncMember,
    Ensemble,
    Member,
    NoZooKeeperError,
    NotControllableError,
    PassedOver,
    TlsFiles,
    ZooKeeperStartError,
):
    _public.__module__ = __name__
