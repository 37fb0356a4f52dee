"""The operations of the protocol, for whatever can perform a request."""

from __future__ import annotations

from zkwire._trio._node_operations import NodeOperations
from zkwire._trio._server_operations import ServerOperations
from zkwire._trio._watch_operations import WatchOperations


class Operations(NodeOperations, WatchOperations, ServerOperations):
    """One method for each operation.

    Every method is a checkpoint.  If it is cancelled, a request that was already
    queued may still be applied; the connection stays usable and the late reply is
    discarded.

    Every method raises ``InvalidArgument`` or ``InvalidArgumentType`` before
    anything is sent, the ``ReplyError`` that the server answered with,
    ``ConnectionLost`` with an outcome, and ``ConnectionClosed`` after this side
    has closed.  Any of them may meet ``MarshallingError``, ``Throttled``,
    ``SessionExpired`` and ``SessionClosedRequireSaslAuth``; those listed with a
    method are its own.
    """
