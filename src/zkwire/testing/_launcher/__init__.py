"""Starts real ZooKeeper servers, from whichever provider there is."""

from zkwire.testing._launcher._async_ensemble import AsyncEnsemble as AsyncEnsemble
from zkwire.testing._launcher._async_ensemble import AsyncMember as AsyncMember
from zkwire.testing._launcher._ensemble import Ensemble as Ensemble
from zkwire.testing._launcher._ensemble import Member as Member
from zkwire.testing._launcher._errors import NotControllableError as NotControllableError
from zkwire.testing._launcher._errors import NoZooKeeperError as NoZooKeeperError
from zkwire.testing._launcher._errors import PassedOver as PassedOver
from zkwire.testing._launcher._errors import ZooKeeperStartError as ZooKeeperStartError
from zkwire.testing._launcher._open import open_zookeeper as open_zookeeper
from zkwire.testing._launcher._open import start_zookeeper as start_zookeeper
from zkwire.testing._launcher._tls import TlsFiles as TlsFiles
from zkwire.testing._launcher._tls import make_tls_files as make_tls_files

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
