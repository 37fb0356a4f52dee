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

MOST_NAMED: Final = 0xFFFF
"""Entries of an ACL, or identities of a connection.  One takes as little as 8 bytes of a
frame and up to 350 of memory, so a frame of 8 MiB would become more than 200 MB; an ACL
that a server took in a request of its default limit has at most some 45,000."""

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

CLIENT_INFO: Final = model(Identity, "auth_scheme" / UString, "user" / UString)

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
MULTI_HEADER: Final[Record[int, bool, int]] = Record(
    "MultiHeader", "type" / Int, "done" / Bool, "err" / Int
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
SET_WATCHES2: Final[Record[int, Texts, Texts, Texts, Texts, Texts]] = Record(
    "SetWatches2",
    "relative_zxid" / Long,
    "data_watches" / vector(UString),
    "exist_watches" / vector(UString),
    "child_watches" / vector(UString),
    "persistent_watches" / vector(UString),
    "persistent_recursive_watches" / vector(UString),
)
GET_DATA_REQUEST: Final[Record[Text, bool]] = Record(
    "GetDataRequest", "path" / UString, "watch" / Bool
)
SET_DATA_REQUEST: Final[Record[Text, Data, int]] = Record(
    "SetDataRequest", "path" / UString, "data" / Buffer, "version" / Int
)
RECONFIG_REQUEST: Final[Record[Text, Text, Text, int]] = Record(
    "ReconfigRequest",
    "joining_servers" / UString,
    "leaving_servers" / UString,
    "new_members" / UString,
    "cur_config_id" / Long,
)
CREATE_REQUEST: Final[Record[Text, Data, list[Acl] | None, int]] = Record(
    "CreateRequest",
    "path" / UString,
    "data" / Buffer,
    "acl" / vector(ACL, MOST_NAMED),
    "flags" / Int,
)
CREATE_TTL_REQUEST: Final[Record[Text, Data, list[Acl] | None, int, int]] = Record(
    "CreateTTLRequest",
    "path" / UString,
    "data" / Buffer,
    "acl" / vector(ACL, MOST_NAMED),
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
CHECK_VERSION_REQUEST: Final[Record[Text, int]] = Record(
    "CheckVersionRequest", "path" / UString, "version" / Int
)
SYNC_REQUEST: Final[Record[Text]] = Record("SyncRequest", "path" / UString)
GET_ACL_REQUEST: Final[Record[Text]] = Record("GetACLRequest", "path" / UString)
SET_ACL_REQUEST: Final[Record[Text, list[Acl] | None, int]] = Record(
    "SetACLRequest", "path" / UString, "acl" / vector(ACL, MOST_NAMED), "version" / Int
)
ADD_WATCH_REQUEST: Final[Record[Text, int]] = Record(
    "AddWatchRequest", "path" / UString, "mode" / Int
)
CHECK_WATCHES_REQUEST: Final[Record[Text, int]] = Record(
    "CheckWatchesRequest", "path" / UString, "type" / Int
)
REMOVE_WATCHES_REQUEST: Final[Record[Text, int]] = Record(
    "RemoveWatchesRequest", "path" / UString, "type" / Int
)
GET_SASL_REQUEST: Final[Record[Data]] = Record("GetSASLRequest", "token" / Buffer)
AUTH_PACKET: Final[Record[int, Text, Data]] = Record(
    "AuthPacket", "type" / Int, "scheme" / UString, "auth" / Buffer
)
GET_EPHEMERALS_REQUEST: Final[Record[Text]] = Record(
    "GetEphemeralsRequest", "prefix_path" / UString
)
GET_ALL_CHILDREN_NUMBER_REQUEST: Final[Record[Text]] = Record(
    "GetAllChildrenNumberRequest", "path" / UString
)
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
GET_ACL_RESPONSE: Final[Record[list[Acl] | None, Stat]] = Record(
    "GetACLResponse", "acl" / vector(ACL, MOST_NAMED), "stat" / STAT
)
SET_ACL_RESPONSE: Final[Record[Stat]] = Record("SetACLResponse", "stat" / STAT)
SET_SASL_RESPONSE: Final[Record[Data]] = Record("SetSASLResponse", "token" / Buffer)
ERROR_RESPONSE: Final[Record[int]] = Record("ErrorResponse", "err" / Int)
GET_EPHEMERALS_RESPONSE: Final[Record[Texts]] = Record(
    "GetEphemeralsResponse", "ephemerals" / vector(UString)
)
GET_ALL_CHILDREN_NUMBER_RESPONSE: Final[Record[int]] = Record(
    "GetAllChildrenNumberResponse", "total_number" / Int
)
WHO_AM_I_RESPONSE: Final[Record[list[Identity] | None]] = Record(
    "WhoAmIResponse", "client_info" / vector(CLIENT_INFO, MOST_NAMED)
)
