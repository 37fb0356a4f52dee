"""Importing what an extra brings, when it is wanted."""

from __future__ import annotations

import importlib
from types import ModuleType


def extra_module(name: str, *, package: str, extra: str) -> ModuleType:
    """Import a module.

    Raises:
        ModuleNotFoundError: it is not installed; the message says how to.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != name.partition(".")[0]:
            raise  # it is there, and lacks something else
        message = f"{package} is not installed: pip install 'zkwire[{extra}]'"
        raise ModuleNotFoundError(message, name=error.name) from None
