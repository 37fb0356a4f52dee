"""The command ``zkwire``, which has one subcommand: ``zkwire conformance HOST:PORT``."""

from __future__ import annotations

import sys

from zkwire.conformance._extra import conformance_main

_USAGE = "usage: zkwire conformance HOST:PORT [options]; zkwire conformance --help says more\n"


def main() -> int:
    """Run the command that the program's arguments name; the exit status."""
    match sys.argv[1:]:
        case ["conformance", *rest]:
            return conformance_main(rest, "zkwire conformance")
        case ["--help" | "-h"]:
            sys.stdout.write(_USAGE)
            return 0
        case _:
            sys.stderr.write(_USAGE)
            return 2


if __name__ == "__main__":
    sys.exit(main())
