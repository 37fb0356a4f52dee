"""What both generators share: source text that is built line by line, and compiled.

Generated code is the only form that has neither an interpreter nor a chain of
closures between a frame and its values.  All that enters it is names and formats
out of ``_records``; nothing that came over a wire does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Source:
    """One function in the making: its lines, and the objects that they refer to."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.objects: dict[str, Any] = {}
        self._lines: list[str] = []
        self._depth = 0
        self._made = 0

    def line(self, text: str) -> None:
        """Add a line at the present depth."""
        self._lines.append("    " * self._depth + text)

    def indent(self) -> None:
        """Go one block deeper."""
        self._depth += 1

    def dedent(self) -> None:
        """Leave a block."""
        self._depth -= 1

    def fresh(self, stem: str) -> str:
        """A local name that nothing else uses."""
        self._made += 1
        return f"{stem}_{self._made}"

    def refer(self, stem: str, value: object) -> str:
        """A name under which the function finds ``value``."""
        name = self.fresh(stem)
        self.objects[name] = value
        return name

    def compiled(self) -> Callable[..., Any]:
        """The function."""
        code = compile("\n".join(self._lines), f"<derived from jute: {self.name}>", "exec")
        namespace = dict(self.objects)
        exec(code, namespace)
        function: Callable[..., Any] = namespace[self.name]
        return function
