"""Every record of the client protocol, declared once, in the order of ``zookeeper.jute``.

A record's type arguments are the Python types of its fields; a test holds them
to the declaration beside them.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from zkwire._jute._primitives import Bool, Buffer, Int, Long, UString, model, vector
from zkwire._jute._record import Record
from zkwire._models import Acl, Identity, Stat

Text: TypeAlias = str | None
Data: TypeAlias = bytes | None
Texts: TypeAlias = list[str] | None

# --- module data --------------------------------------------------------------------------

ID: Final = model(Identity, "scheme" / UString, "id" / UString)
ACL: Final = model(Acl, "perms" / Int, "identity" / ID)
STAT: Final = model(
    Stat,
    "czxid" / Long,
    "mzxid" / Long,
    "ctime" / Long,
    "mtime" / Long,
    "version" / Int,
    "cversion" / Int,
    "aversion" / Int,
    "ephemeral_owner" / Long,
    "data_length" / Int,
    "num_children" / Int,
    "pzxid" / Long,
)

# --- module proto: frames and headers -----------------------------------------------------

FRAME_LENGTH: Final[Record[int]] = Record("FrameLength", "length" / Int)
REQUEST_HEADER: Final[Record[int, int]] = Record("RequestHeader", "xid" / Int, "type" / Int)
REPLY_HEADER: Final[Record[int, int, int]] = Record(
    "ReplyHeader", "xid" / Int, "zxid" / Long, "err" / Int
)
# Length and RequestHeader always travel together.
REQUEST_PREFIX: Final[Record[int, int, int]] = Record(
    "RequestPrefix", "length" / Int, "xid" / Int, "type" / Int
)
EMPTY: Final[Record[()]] = Record("Empty")

# --- module proto: handshake --------------------------------------------------------------

CONNECT_REQUEST: Final[Record[int, int, int, int, Data, bool]] = Record(
    "ConnectRequest",
    "protocol_version" / Int,
    "last_zxid_seen" / Long,
    "time_out" / Int,
    "session_id" / Long,
    "passwd" / Buffer,
    "read_only" / Bool,
)
# Servers up to 3.3, and newer ones towards a client that leaves it out, end
# their answer before readOnly; the byte is a record of its own here.
CONNECT_RESPONSE: Final[Record[int, int, int, Data]] = Record(
    "ConnectResponse",
    "protocol_version" / Int,
    "time_out" / Int,
    "session_id" / Long,
    "passwd" / Buffer,
)
CONNECT_RESPONSE_READ_ONLY: Final[Record[bool]] = Record(
    "ConnectResponseReadOnly", "read_only" / Bool
)

# --- module proto: requests ---------------------------------------------------------------

SET_WATCHES: Final[Record[int, Texts, Texts, Texts]] = Record(
    "SetWatches",
    "relative_zxid" / Long,
    "data_watches" / vector(UString),
    "exist_watches" / vector(UString),
    "child_watches" / vector(UString),
)
GET_DATA_REQUEST: Final[Record[Text, bool]] = Record(
    "GetDataRequest", "path" / UString, "watch" / Bool
)
SET_DATA_REQUEST: Final[Record[Text, Data, int]] = Record(
    "SetDataRequest", "path" / UString, "data" / Buffer, "version" / Int
)
CREATE_REQUEST: Final[Record[Text, Data, list[Acl] | None, int]] = Record(
    "CreateRequest", "path" / UString, "data" / Buffer, "acl" / vector(ACL), "flags" / Int
)
CREATE_TTL_REQUEST: Final[Record[Text, Data, list[Acl] | None, int, int]] = Record(
    "CreateTTLRequest",
    "path" / UString,
    "data" / Buffer,
    "acl" / vector(ACL),
    "flags" / Int,
    "ttl" / Long,
)
DELETE_REQUEST: Final[Record[Text, int]] = Record(
    "DeleteRequest", "path" / UString, "version" / Int
)
GET_CHILDREN_REQUEST: Final[Record[Text, bool]] = Record(
    "GetChildrenRequest", "path" / UString, "watch" / Bool
)
GET_CHILDREN2_REQUEST: Final[Record[Text, bool]] = Record(
    "GetChildren2Request", "path" / UString, "watch" / Bool
)
SYNC_REQUEST: Final[Record[Text]] = Record("SyncRequest", "path" / UString)
EXISTS_REQUEST: Final[Record[Text, bool]] = Record(
    "ExistsRequest", "path" / UString, "watch" / Bool
)

# --- module proto: responses --------------------------------------------------------------

SYNC_RESPONSE: Final[Record[Text]] = Record("SyncResponse", "path" / UString)
SET_DATA_RESPONSE: Final[Record[Stat]] = Record("SetDataResponse", "stat" / STAT)
WATCHER_EVENT: Final[Record[int, int, Text]] = Record(
    "WatcherEvent", "type" / Int, "state" / Int, "path" / UString
)
CREATE_RESPONSE: Final[Record[Text]] = Record("CreateResponse", "path" / UString)
CREATE2_RESPONSE: Final[Record[Text, Stat]] = Record(
    "Create2Response", "path" / UString, "stat" / STAT
)
EXISTS_RESPONSE: Final[Record[Stat]] = Record("ExistsResponse", "stat" / STAT)
GET_DATA_RESPONSE: Final[Record[Data, Stat]] = Record(
    "GetDataResponse", "data" / Buffer, "stat" / STAT
)
GET_CHILDREN_RESPONSE: Final[Record[Texts]] = Record(
    "GetChildrenResponse", "children" / vector(UString)
)
GET_CHILDREN2_RESPONSE: Final[Record[Texts, Stat]] = Record(
    "GetChildren2Response", "children" / vector(UString), "stat" / STAT
)
