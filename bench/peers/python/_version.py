"""What a program is when it is called without arguments."""

from __future__ import annotations

import platform


def describe(client: str, package: str) -> str:
    """Say a client's name, its version and what it runs on."""
    # Imported here: it needs a megabyte or two, and memory is measured.
    from importlib.metadata import version

    return f"{client} {version(package)}, Python {platform.python_version()}"
