"""Test kit: a ZooKeeper in memory, faults on demand, and real servers in one line.

``open_memory_zookeeper`` is a server, or an ensemble, in this process and under trio's clock,
virtual or not; ``zkwire serve`` runs one from a shell.  ``open_faults`` puts a proxy that
misbehaves when it is told to in front of each server, in memory or real.  With the extra
``testing`` installed, pytest finds the fixtures ``zookeeper``, ``zookeeper_ensemble``,
``memory_zookeeper`` and ``faults`` by itself (``zkwire.testing.pytest_plugin``).

``open_zookeeper`` and ``start_zookeeper`` start real servers, and take the first of these
providers that works; they say which it was and why the others were passed over:

1. ``given``: the servers of ``ZKWIRE_TEST_SERVERS=host:port,...``;
2. ``docker``: containers of ``zookeeper:3.9``, or of the image that ``ZKWIRE_TEST_IMAGE`` names,
   through testcontainers (the ``testing`` extra);
3. ``maven``: a local JVM, with jars that the ``mvn`` command fetches once;
4. ``debian``: a local JVM, with the jars of Debian's package, installed where the caller is root.

``ZKWIRE_TEST_PROVIDER`` names those to try, in their order.  Their members can be killed, frozen
and started again; with ``isolated=True``, in network namespaces of their own, cut off from their
peers and made to lag as well.
"""

from zkwire.testing._faults import Attempt as Attempt
from zkwire.testing._faults import Cut as Cut
from zkwire.testing._faults import Direction as Direction
from zkwire.testing._faults import Faults as Faults
from zkwire.testing._faults import Happening as Happening
from zkwire.testing._faults import Proxy as Proxy
from zkwire.testing._faults import ProxyStatistics as ProxyStatistics
from zkwire.testing._faults import open_faults as open_faults
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
from zkwire.testing._memory import MemoryEnsemble as MemoryEnsemble
from zkwire.testing._memory import MemoryMember as MemoryMember
from zkwire.testing._memory import open_memory_zookeeper as open_memory_zookeeper

__all__ = [
    "AsyncEnsemble",
    "AsyncMember",
    "Attempt",
    "Cut",
    "Direction",
    "Ensemble",
    "Faults",
    "Happening",
    "Member",
    "MemoryEnsemble",
    "MemoryMember",
    "NoZooKeeperError",
    "NotControllableError",
    "PassedOver",
    "Proxy",
    "ProxyStatistics",
    "TlsFiles",
    "ZooKeeperStartError",
    "make_tls_files",
    "open_faults",
    "open_memory_zookeeper",
    "open_zookeeper",
    "start_zookeeper",
]

# Tracebacks name a class as users import it, not by the private module it lives in.
for _public in (
    AsyncEnsemble,
    AsyncMember,
    Attempt,
    Cut,
    Ensemble,
    Faults,
    Happening,
    Member,
    MemoryEnsemble,
    MemoryMember,
    NoZooKeeperError,
    NotControllableError,
    PassedOver,
    Proxy,
    ProxyStatistics,
    TlsFiles,
    ZooKeeperStartError,
):
    _public.__module__ = __name__
