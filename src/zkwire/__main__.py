"""The command ``zkwire`` and its subcommands."""

from __future__ import annotations

import sys

from zkwire.conformance._extra import conformance_main

_USAGE = """\
usage: zkwire conformance HOST:PORT [options]   check that a server speaks the protocol
       zkwire serve [options]                   run a server in memory, for tests

Each says more with --help.
"""


def main() -> int:
    """Run the command that the program's arguments name; the exit status."""
    match sys.argv[1:]:
        case ["conformance", *rest]:
            return conformance_main(rest, "zkwire conformance")
        case ["serve", *rest]:
            # Not above: the test kit is more to import than the other command needs.
            from zkwire.testing._serve._extra import serve_main

            return serve_main(rest, "zkwire serve")
        case ["--help" | "-h"]:
            sys.stdout.write(_USAGE)
            return 0
        case _:
            sys.stderr.write(_USAGE)
            return 2


if __name__ == "__main__":
    sys.exit(main())
