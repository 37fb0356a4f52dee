"""A ZooKeeper of Python alone: no process, no port, and any clock that trio has."""

from zkwire.testing._memory._handles import MemoryEnsemble as MemoryEnsemble
from zkwire.testing._memory._member import MemoryMember as MemoryMember
from zkwire.testing._memory._open import open_memory_zookeeper as open_memory_zookeeper

__all__ = ["MemoryEnsemble", "MemoryMember", "open_memory_zookeeper"]
