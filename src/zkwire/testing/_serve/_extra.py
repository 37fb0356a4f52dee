"""The command line's packages are an extra: say so where they are missing."""

from __future__ import annotations

import sys
from collections.abc import Sequence

MISSING = 2


def serve_main(arguments: Sequence[str], program: str) -> int:  # noqa: RET503
    """Run the command, which ends by SystemExit; a status where it cannot be run."""
    try:
        from zkwire.testing._serve._cli import serve
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "click":
            raise
        sys.stderr.write(
            f"{program} needs {error.name}, which is not installed: pip install 'zkwire[cli]'\n"
        )
        return MISSING
    serve.main(list(arguments), prog_name=program)
