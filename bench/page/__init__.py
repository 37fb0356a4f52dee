"""The page of the benchmarks, rendered from the results."""

from bench.page._write import write

__all__ = ["write"]
