"""One member's client side: connections, dispatch, replies, watches, four-letter words."""

from zkwire.testing._memory._serving._replica import Replica as Replica
from zkwire.testing._memory._serving._words import VERSION as VERSION

__all__ = ["VERSION", "Replica"]
