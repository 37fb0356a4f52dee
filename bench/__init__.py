"""Benchmarks: what zkwire costs, beside the client that people use today."""
