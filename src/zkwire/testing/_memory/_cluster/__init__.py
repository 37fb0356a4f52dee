"""Who leads, who applies what and when, and which sessions live: what a quorum does."""

from zkwire.testing._memory._cluster._clock import Clock as Clock
from zkwire.testing._memory._cluster._cluster import Cluster as Cluster
from zkwire.testing._memory._cluster._proposal import Proposal as Proposal
from zkwire.testing._memory._cluster._role import Role as Role

__all__ = ["Clock", "Cluster", "Proposal", "Role"]
