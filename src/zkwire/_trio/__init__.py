"""The shell around the protocol: sockets, tasks, and awaitable operations."""
