"""ZooKeeper sessions that outlive connections, for trio.

``open_coordinator`` is the way in.  Below it lies ``zkwire``, which knows one
connection to one server.
"""

from coordinator._addresses import ServerAddress as ServerAddress
from coordinator._config import DEFAULT_ROOT_PATH as DEFAULT_ROOT_PATH
from coordinator._config import DEFAULT_SESSION_TIMEOUT as DEFAULT_SESSION_TIMEOUT
from coordinator._config import DEFAULT_TICK_TIME as DEFAULT_TICK_TIME
from coordinator._connect_string import ConnectString as ConnectString
from coordinator._connect_string import parse_connect_string as parse_connect_string
from coordinator._contender import Contender as Contender
from coordinator._coordinator import Coordinator as Coordinator
from coordinator._election import Election as Election
from coordinator._errors import AuthenticationFailed as AuthenticationFailed
from coordinator._errors import ConfigurationError as ConfigurationError
from coordinator._errors import CoordinatorFailed as CoordinatorFailed
from coordinator._errors import LeaseLost as LeaseLost
from coordinator._handover import Handover as Handover
from coordinator._held import Held as Held
from coordinator._instrument import Instrument as Instrument
from coordinator._leaders import Leader as Leader
from coordinator._leaders import Leaders as Leaders
from coordinator._open import open_coordinator as open_coordinator
from coordinator._session import Session as Session
from coordinator._sessions import Sessions as Sessions
from coordinator._state import State as State
from coordinator._statistics import Statistics as Statistics
from coordinator._transitions import Transition as Transition
from coordinator._transitions import Transitions as Transitions

__all__ = [
    "DEFAULT_ROOT_PATH",
    "DEFAULT_SESSION_TIMEOUT",
    "DEFAULT_TICK_TIME",
    "AuthenticationFailed",
    "ConfigurationError",
    "ConnectString",
    "Contender",
    "Coordinator",
    "CoordinatorFailed",
    "Election",
    "Handover",
    "Held",
    "Instrument",
    "Leader",
    "Leaders",
    "LeaseLost",
    "ServerAddress",
    "Session",
    "Sessions",
    "State",
    "Statistics",
    "Transition",
    "Transitions",
    "open_coordinator",
    "parse_connect_string",
]

# Tracebacks and docs name a class as users import it, not by the private module it lives in.
for _value in [globals()[name] for name in __all__]:
    if isinstance(_value, type):
        _value.__module__ = __name__
