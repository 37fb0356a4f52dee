"""ZooKeeper sessions that outlive connections, for trio.

``open_coordinator`` is the way in.  Below it lies ``zkwire``, which knows one
connection to one server.
"""

from coordinator._addresses import ServerAddress as ServerAddress
from coordinator._config import DEFAULT_ROOT_PATH as DEFAULT_ROOT_PATH
from coordinator._config import DEFAULT_SESSION_TIMEOUT as DEFAULT_SESSION_TIMEOUT
from coordinator._coordinator import Coordinator as Coordinator
from coordinator._errors import ConfigurationError as ConfigurationError
from coordinator._errors import CoordinatorFailed as CoordinatorFailed
from coordinator._open import open_coordinator as open_coordinator
from coordinator._session import Session as Session
from coordinator._sessions import Sessions as Sessions
from coordinator._state import State as State
from coordinator._transitions import Transition as Transition
from coordinator._transitions import Transitions as Transitions

__all__ = [
    "DEFAULT_ROOT_PATH",
    "DEFAULT_SESSION_TIMEOUT",
    "ConfigurationError",
    "Coordinator",
    "CoordinatorFailed",
    "ServerAddress",
    "Session",
    "Sessions",
    "State",
    "Transition",
    "Transitions",
    "open_coordinator",
]

# Tracebacks and docs name a class as users import it, not by the private module it lives in.
for _value in [globals()[name] for name in __all__]:
    if isinstance(_value, type):
        _value.__module__ = __name__
