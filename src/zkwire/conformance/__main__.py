"""``python -m zkwire.conformance HOST:PORT``."""

from __future__ import annotations

import sys

from zkwire.conformance._extra import conformance_main

if __name__ == "__main__":
    sys.exit(conformance_main(sys.argv[1:], "python -m zkwire.conformance"))
