"""Fault proxies in front of servers, over TCP or in memory."""

from zkwire.testing._faults._checks import Direction as Direction
from zkwire.testing._faults._exchange import Cut as Cut
from zkwire.testing._faults._exchange import Happening as Happening
from zkwire.testing._faults._faults import Faults as Faults
from zkwire.testing._faults._open import open_faults as open_faults
from zkwire.testing._faults._proxy import Proxy as Proxy
from zkwire.testing._faults._statistics import Attempt as Attempt
from zkwire.testing._faults._statistics import ProxyStatistics as ProxyStatistics

__all__ = [
    "Attempt",
    "Cut",
    "Direction",
    "Faults",
    "Happening",
    "Proxy",
    "ProxyStatistics",
    "open_faults",
]
