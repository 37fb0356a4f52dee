"""How fast: operations, latency, CPU time and system calls, beside other clients."""
