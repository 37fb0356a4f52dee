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
