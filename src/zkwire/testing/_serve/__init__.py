"""``zkwire serve``: the in-memory ZooKeeper as a process of its own."""
