"""ZooKeeper for trio, written from the wire up: one connection to one server.

``open_connection`` is the way in.  For sessions that outlive connections see the
package ``coordinator``.
"""

from zkwire._arguments import MAX_SESSION_TIMEOUT as MAX_SESSION_TIMEOUT
from zkwire._errors import ApiError as ApiError
from zkwire._errors import AuthFailed as AuthFailed
from zkwire._errors import BadArguments as BadArguments
from zkwire._errors import BadVersion as BadVersion
from zkwire._errors import ConnectionLost as ConnectionLost
from zkwire._errors import DataInconsistency as DataInconsistency
from zkwire._errors import EphemeralOnLocalSession as EphemeralOnLocalSession
from zkwire._errors import FrameStalled as FrameStalled
from zkwire._errors import InvalidAcl as InvalidAcl
from zkwire._errors import InvalidArgument as InvalidArgument
from zkwire._errors import InvalidArgumentType as InvalidArgumentType
from zkwire._errors import InvalidCallback as InvalidCallback
from zkwire._errors import LocalProtocolError as LocalProtocolError
from zkwire._errors import MarshallingError as MarshallingError
from zkwire._errors import NewConfigNoQuorum as NewConfigNoQuorum
from zkwire._errors import NoAuth as NoAuth
from zkwire._errors import NoChildrenForEphemerals as NoChildrenForEphemerals
from zkwire._errors import NodeExists as NodeExists
from zkwire._errors import NoNode as NoNode
from zkwire._errors import NotEmpty as NotEmpty
from zkwire._errors import NotReadOnly as NotReadOnly
from zkwire._errors import NoWatcher as NoWatcher
from zkwire._errors import OperationTimeout as OperationTimeout
from zkwire._errors import Outcome as Outcome
from zkwire._errors import QuotaExceeded as QuotaExceeded
from zkwire._errors import ReconfigDisabled as ReconfigDisabled
from zkwire._errors import ReconfigInProgress as ReconfigInProgress
from zkwire._errors import RemoteProtocolError as RemoteProtocolError
from zkwire._errors import ReplyError as ReplyError
from zkwire._errors import RequestTimeout as RequestTimeout
from zkwire._errors import RolledBack as RolledBack
from zkwire._errors import RuntimeInconsistency as RuntimeInconsistency
from zkwire._errors import ServerConnectionLoss as ServerConnectionLoss
from zkwire._errors import ServerUnusable as ServerUnusable
from zkwire._errors import SessionClosedRequireSaslAuth as SessionClosedRequireSaslAuth
from zkwire._errors import SessionExpired as SessionExpired
from zkwire._errors import SessionMoved as SessionMoved
from zkwire._errors import SystemFailure as SystemFailure
from zkwire._errors import Throttled as Throttled
from zkwire._errors import Unimplemented as Unimplemented
from zkwire._errors import UnknownReplyError as UnknownReplyError
from zkwire._errors import UnknownSession as UnknownSession
from zkwire._errors import ZkwireError as ZkwireError
from zkwire._errors import reply_error as reply_error
from zkwire._models import OPEN_ACL_UNSAFE as OPEN_ACL_UNSAFE
from zkwire._models import Acl as Acl
from zkwire._models import Identity as Identity
from zkwire._models import SessionCredentials as SessionCredentials
from zkwire._models import SessionInfo as SessionInfo
from zkwire._models import Stat as Stat
from zkwire._models import WatchEvent as WatchEvent
from zkwire._paths import check_path as check_path
from zkwire._paths import check_sequential_path as check_sequential_path
from zkwire._proto._multi import Check as Check
from zkwire._proto._multi import Create as Create
from zkwire._proto._multi import Created as Created
from zkwire._proto._multi import Delete as Delete
from zkwire._proto._multi import GetChildren as GetChildren
from zkwire._proto._multi import GetData as GetData
from zkwire._proto._multi import ReadOp as ReadOp
from zkwire._proto._multi import ReadResult as ReadResult
from zkwire._proto._multi import SetData as SetData
from zkwire._proto._multi import WriteOp as WriteOp
from zkwire._proto._multi import WriteResult as WriteResult
from zkwire._proto._protocol import FIRST_XID as FIRST_XID
from zkwire._proto._request import Request as Request
from zkwire._trio._connection import Connection as Connection
from zkwire._trio._connection import ConnectionStatistics as ConnectionStatistics
from zkwire._trio._dialling import Dial as Dial
from zkwire._trio._errors import ConnectionClosed as ConnectionClosed
from zkwire._trio._errors import InternalError as InternalError
from zkwire._trio._nursery import as_service as as_service
from zkwire._trio._nursery import service_nursery as service_nursery
from zkwire._trio._open import DEFAULT_PORT as DEFAULT_PORT
from zkwire._trio._open import open_connection as open_connection
from zkwire._trio._open import open_connection_over as open_connection_over
from zkwire._trio._operations import Operations as Operations
from zkwire._trio._options import ConnectionOptions as ConnectionOptions
from zkwire._trio._options import check_options as check_options
from zkwire._trio._sasl import SaslClient as SaslClient
from zkwire._trio._sasl import SaslMechanism as SaslMechanism
from zkwire._trio._session_watches import SessionWatches as SessionWatches
from zkwire._trio._session_watches import Watcher as Watcher
from zkwire._trio._watch import Watch as Watch
from zkwire._trio._watch_stream import STREAM_CAPACITY as STREAM_CAPACITY
from zkwire._trio._watch_stream import StreamItem as StreamItem
from zkwire._trio._watch_stream import WatchGap as WatchGap
from zkwire._trio._watch_stream import WatchStream as WatchStream
from zkwire._trio._words import four_letter_word as four_letter_word
from zkwire._types import ANY_VERSION as ANY_VERSION
from zkwire._types import NO_ZXID as NO_ZXID
from zkwire._types import CreateMode as CreateMode
from zkwire._types import EventType as EventType
from zkwire._types import OpCode as OpCode
from zkwire._types import Perms as Perms
from zkwire._types import SessionId as SessionId
from zkwire._types import WatcherType as WatcherType
from zkwire._types import WatchKind as WatchKind
from zkwire._types import Xid as Xid
from zkwire._types import Zxid as Zxid

__all__ = [
    "ANY_VERSION",
    "DEFAULT_PORT",
    "FIRST_XID",
    "MAX_SESSION_TIMEOUT",
    "NO_ZXID",
    "OPEN_ACL_UNSAFE",
    "STREAM_CAPACITY",
    "Acl",
    "ApiError",
    "AuthFailed",
    "BadArguments",
    "BadVersion",
    "Check",
    "Connection",
    "ConnectionClosed",
    "ConnectionLost",
    "ConnectionOptions",
    "ConnectionStatistics",
    "Create",
    "CreateMode",
    "Created",
    "DataInconsistency",
    "Delete",
    "Dial",
    "EphemeralOnLocalSession",
    "EventType",
    "FrameStalled",
    "GetChildren",
    "GetData",
    "Identity",
    "InternalError",
    "InvalidAcl",
    "InvalidArgument",
    "InvalidArgumentType",
    "InvalidCallback",
    "LocalProtocolError",
    "MarshallingError",
    "NewConfigNoQuorum",
    "NoAuth",
    "NoChildrenForEphemerals",
    "NoNode",
    "NoWatcher",
    "NodeExists",
    "NotEmpty",
    "NotReadOnly",
    "OpCode",
    "OperationTimeout",
    "Operations",
    "Outcome",
    "Perms",
    "QuotaExceeded",
    "ReadOp",
    "ReadResult",
    "ReconfigDisabled",
    "ReconfigInProgress",
    "RemoteProtocolError",
    "ReplyError",
    "Request",
    "RequestTimeout",
    "RolledBack",
    "RuntimeInconsistency",
    "SaslClient",
    "SaslMechanism",
    "ServerConnectionLoss",
    "ServerUnusable",
    "SessionClosedRequireSaslAuth",
    "SessionCredentials",
    "SessionExpired",
    "SessionId",
    "SessionInfo",
    "SessionMoved",
    "SessionWatches",
    "SetData",
    "Stat",
    "StreamItem",
    "SystemFailure",
    "Throttled",
    "Unimplemented",
    "UnknownReplyError",
    "UnknownSession",
    "Watch",
    "WatchEvent",
    "WatchGap",
    "WatchKind",
    "WatchStream",
    "Watcher",
    "WatcherType",
    "WriteOp",
    "WriteResult",
    "Xid",
    "ZkwireError",
    "Zxid",
    "as_service",
    "check_options",
    "check_path",
    "check_sequential_path",
    "four_letter_word",
    "open_connection",
    "open_connection_over",
    "reply_error",
    "service_nursery",
]

# Tracebacks and docs name a class as users import it, not by the private module it lives in.
for _value in [globals()[name] for name in __all__]:
    if isinstance(_value, type):
        _value.__module__ = __name__
