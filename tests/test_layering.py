"""Who may import whom.

Inside zkwire arrows point down only::

    __init__ -> _trio -> _proto -> _jute -> _models _errors _arguments _paths -> _types

``coordinator`` sees zkwire's public names and nothing else of it.  Only ``_jute`` knows construct
and ``struct``; only ``_trio``, ``zkwire.testing`` and ``coordinator`` know trio; nothing below
``_trio`` can block or tell the time, because it imports nothing with which it could.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

SRC = Path(__file__).parent.parent / "src"

# Nothing here opens a file or a socket, starts a thread, waits, logs, or reads a clock.
PURE = frozenset(
    {
        "__future__",
        "abc",
        "array",
        "binascii",
        "bisect",
        "collections",
        "contextlib",
        "copy",
        "dataclasses",
        "enum",
        "functools",
        "hashlib",
        "itertools",
        "math",
        "operator",
        "re",
        "string",
        "types",
        "typing",
        "unicodedata",
    }
)
LEAVES = frozenset(f"zkwire.{leaf}" for leaf in ("_arguments", "_errors", "_models", "_paths"))
LEAVES_AND_TYPES = LEAVES | {"zkwire._types"}


@dataclass(frozen=True)
class Layer:
    """What the modules of one package, or one module, may import beside their own package."""

    sees: frozenset[str] = frozenset()
    others: frozenset[str] | None = frozenset()  # packages of other projects; None: any
    stdlib: frozenset[str] | None = PURE  # None: any, but not struct

    def allows(self, top: str) -> bool:
        if top in sys.stdlib_module_names:
            return top != "struct" if self.stdlib is None else top in self.stdlib
        return self.others is None or top in self.others


LAYERS = {
    "zkwire": Layer(  # the façade alone
        LEAVES_AND_TYPES | {"zkwire._trio", "zkwire._proto"}, stdlib=frozenset({"__future__"})
    ),
    "zkwire._types": Layer(),
    **{leaf: Layer(LEAVES_AND_TYPES) for leaf in LEAVES},
    "zkwire._jute": Layer(LEAVES_AND_TYPES, frozenset({"construct"}), PURE | {"struct"}),
    "zkwire._proto": Layer(LEAVES_AND_TYPES | {"zkwire._jute"}),
    "zkwire._trio": Layer(LEAVES_AND_TYPES | {"zkwire._proto"}, frozenset({"trio"}), stdlib=None),
    "zkwire.sasl": Layer(  # finds its libraries when they are wanted, by name
        LEAVES_AND_TYPES | {"zkwire._trio"}, stdlib=PURE | {"importlib"}
    ),
    "zkwire.testing": Layer(
        LEAVES_AND_TYPES
        | {"zkwire", "zkwire._jute", "zkwire._proto", "zkwire._trio"}
        | {"zkwire.testing._launcher._forwarder", "zkwire.testing._launcher._packet_queue"},
        others=None,
        stdlib=None,
    ),
    # The kernel's bytes, not ZooKeeper's: setns and netfilter queues.
    "zkwire.testing._launcher._forwarder": Layer(stdlib=frozenset(sys.stdlib_module_names)),
    "zkwire.testing._launcher._packet_queue": Layer(
        frozenset({"zkwire.testing"}), stdlib=frozenset(sys.stdlib_module_names)
    ),
    # Raw frames on purpose, so records too; nothing of zkwire imports it, nor it the test kit.
    "zkwire.conformance": Layer(
        LEAVES_AND_TYPES | {"zkwire", "zkwire._jute"}, others=None, stdlib=None
    ),
    "zkwire.__main__": Layer(frozenset({"zkwire.conformance", "zkwire.testing"}), stdlib=None),
    "coordinator": Layer(frozenset({"zkwire"}), others=None, stdlib=None),
}
ONLY_IN = {"construct": {"zkwire._jute"}}


def layer_of(module: str) -> str | None:
    """The layer that a module belongs to; zkwire's own is its façade and no module below it."""
    prefixes = [module.rsplit(".", cut)[0] for cut in range(module.count(".") + 1)]
    found = next((prefix for prefix in prefixes if prefix in LAYERS), None)
    return None if found == "zkwire" and module != "zkwire" else found


def imports(source: str) -> Iterator[tuple[int, str, str | None]]:
    """Each import, at whatever depth: its line, the module, and the name taken from it."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, alias.name, None) for alias in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                base = "." * level + (module or "")
                yield from ((node.lineno, base, alias.name) for alias in names)


def reaches_behind_the_facade(source: str) -> Iterator[tuple[int, str]]:
    """``zkwire._x`` and ``zkwire.testing`` as attributes of the imported package."""
    tree = ast.parse(source)
    aliases = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.name == "zkwire"
    }
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id=name), attr=attr) if name in aliases:
                if is_hidden(attr):
                    yield node.lineno, f"{name}.{attr}"


def is_hidden(name: str) -> bool:
    return name == "testing" or (name.startswith("_") and not name.endswith("__"))


def target_of(module: str, name: str | None, modules: Mapping[str, str]) -> str:
    """What an import makes the importer depend on: ``from package import module`` is the module."""
    return f"{module}.{name}" if name is not None and f"{module}.{name}" in modules else module


def violations(modules: Mapping[str, str]) -> list[str]:
    """Every breach of the rule in a tree of modules, given as dotted names and source texts."""
    found = []
    for importer, source in sorted(modules.items()):
        layer_name = layer_of(importer)
        if layer_name is None:
            found.append(f"{importer}: belongs to no layer; say in LAYERS what it may import")
            continue
        for line, module, name in imports(source):
            if (fault := _fault(layer_name, module, name, modules)) is not None:
                found.append(f"{importer}:{line}: {fault}")
        if layer_name == "coordinator":
            found += [
                f"{importer}:{line}: {what} is not public"
                for line, what in reaches_behind_the_facade(source)
            ]
    return found + cycles(modules)


def _fault(
    layer_name: str, module: str, name: str | None, modules: Mapping[str, str]
) -> str | None:
    layer = LAYERS[layer_name]
    if module.startswith("."):
        return f"relative import of {module}"
    top = module.partition(".")[0]
    if top not in {"zkwire", "coordinator"}:
        if top in ONLY_IN and layer_name not in ONLY_IN[top]:
            return f"{layer_name} must not import {top}"
        return None if layer.allows(top) else f"{layer_name} must not import {top}"
    target = target_of(module, name, modules)
    target_layer = layer_of(target)
    if target_layer == layer_name:
        return None
    if layer_name == "coordinator" and (module != "zkwire" or (name and is_hidden(name))):
        return f"coordinator must not import {module}{f'.{name}' if name else ''}: not public"
    if target_layer not in layer.sees:
        return f"{layer_name} must not import {target}"
    return None


def cycles(modules: Mapping[str, str]) -> list[str]:
    """Modules that import each other, in however many steps."""
    graph = {
        importer: {
            target
            for _, module, name in imports(source)
            if (target := target_of(module, name, modules)) in modules and target != importer
        }
        for importer, source in modules.items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return ["import cycle: " + " <- ".join(error.args[1])]
    return []


def tree(root: Path) -> dict[str, str]:
    """The modules under a source folder."""
    modules = {}
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        modules[name] = path.read_text()
    return modules


def test_the_rule_holds():
    modules = tree(SRC)
    assert {"zkwire", "zkwire._proto._protocol", "coordinator._root"} <= modules.keys()
    assert violations(modules) == []


def test_nothing_but_the_test_kit_reads_the_wall_clock():
    # It can be set, forwards and back; every timer and lease goes by clocks that cannot.
    reads = re.compile(r"\btime\.time(_ns)?\(|\bdatetime\b|CLOCK_REALTIME|gmtime|localtime")
    found = [
        name
        for name, source in tree(SRC).items()
        if not name.startswith(("zkwire.testing", "zkwire.conformance")) and reads.search(source)
    ]
    assert found == []


CLEAN = {
    "zkwire": "from zkwire._errors import NoNode as NoNode\nfrom zkwire._trio._c import C as C",
    "zkwire._types": "from enum import Enum",
    "zkwire._errors": "from zkwire._types import Zxid",
    "zkwire._models": "from zkwire._types import Zxid\nfrom zkwire._errors import NoNode",
    "zkwire._jute": "from zkwire._jute import _records as records",
    "zkwire._jute._records": "import construct\nimport struct\nfrom zkwire._models import Stat",
    "zkwire._proto": "",
    "zkwire._proto._p": "from zkwire._jute import records\nfrom collections import deque",
    "zkwire._trio": "",
    "zkwire._trio._c": "import trio\nimport ssl\nfrom zkwire._proto._p import P",
    "zkwire.testing": "from zkwire.testing._fake import Fake",
    "zkwire.testing._fake": "import trio, socket\nfrom zkwire import NoNode\n"
    "from zkwire._jute import records\nfrom zkwire._trio._c import C",
    "coordinator": "from coordinator._session import Session",
    "coordinator._session": "import trio, zkwire, time\nfrom zkwire import NoNode\nzkwire.NoNode",
}


def test_a_clean_tree_has_no_violations():
    assert violations(CLEAN) == []


@pytest.mark.parametrize(
    ("importer", "statement", "reported"),
    [
        # the leaves
        (
            "zkwire._types",
            "from zkwire._errors import NoNode",
            "_types must not import zkwire._err",
        ),
        ("zkwire._types", "import zkwire", "zkwire._types must not import zkwire"),
        ("zkwire._models", "from zkwire._jute import records", "must not import zkwire._jute"),
        ("zkwire._errors", "import trio", "zkwire._errors must not import trio"),
        ("zkwire._arguments", "import construct", "zkwire._arguments must not import construct"),
        ("zkwire._paths", "from zkwire import check_path", "zkwire._paths must not import zkwire"),
        # records
        (
            "zkwire._jute._records",
            "from zkwire._proto import _p",
            "must not import zkwire._proto._p",
        ),
        ("zkwire._jute._records", "import trio", "zkwire._jute must not import trio"),
        ("zkwire._jute._records", "import socket", "zkwire._jute must not import socket"),
        # the protocol core
        ("zkwire._proto._p", "from zkwire._trio._c import C", "must not import zkwire._trio._c"),
        ("zkwire._proto._p", "import construct", "zkwire._proto must not import construct"),
        ("zkwire._proto._p", "import trio", "zkwire._proto must not import trio"),
        ("zkwire._proto._p", "import struct", "zkwire._proto must not import struct"),
        ("zkwire._proto._p", "import time", "zkwire._proto must not import time"),
        ("zkwire._proto._p", "from datetime import datetime", "_proto must not import datetime"),
        ("zkwire._proto._p", "import socket", "zkwire._proto must not import socket"),
        ("zkwire._proto._p", "import asyncio", "zkwire._proto must not import asyncio"),
        ("zkwire._proto._p", "import logging", "zkwire._proto must not import logging"),
        ("zkwire._proto._p", "import random", "zkwire._proto must not import random"),
        ("zkwire._proto._p", "def f():\n    import time", "zkwire._proto must not import time"),
        ("zkwire._proto._p", "if TYPE_CHECKING:\n    import trio", "_proto must not import trio"),
        ("zkwire._proto._p", "from .._trio import _c", "relative import of .._trio"),
        ("zkwire._proto._p", "from . import _state", "relative import of ."),
        # the shell
        ("zkwire._trio._c", "from zkwire._jute import records", "must not import zkwire._jute"),
        (
            "zkwire._trio._c",
            "import zkwire._jute._records",
            "must not import zkwire._jute._records",
        ),
        ("zkwire._trio._c", "import construct", "zkwire._trio must not import construct"),
        ("zkwire._trio._c", "from struct import pack", "zkwire._trio must not import struct"),
        ("zkwire._trio._c", "import anyio", "zkwire._trio must not import anyio"),
        ("zkwire._trio._c", "import zkwire", "zkwire._trio must not import zkwire"),
        ("zkwire._trio._c", "from zkwire.testing import Fake", "must not import zkwire.testing"),
        ("zkwire._trio._c", "import coordinator", "zkwire._trio must not import coordinator"),
        # the façade
        ("zkwire", "from zkwire.testing import Fake", "zkwire must not import zkwire.testing"),
        ("zkwire", "from zkwire import testing", "zkwire must not import zkwire.testing"),
        ("zkwire", "import trio", "zkwire must not import trio"),
        # the test kit
        ("zkwire.testing._fake", "import struct", "zkwire.testing must not import struct"),
        ("zkwire.testing._fake", "import construct", "zkwire.testing must not import construct"),
        ("zkwire.testing._fake", "import coordinator", "testing must not import coordinator"),
        # the coordinator
        ("coordinator._session", "from zkwire._errors import NoNode", "not public"),
        ("coordinator._session", "import zkwire._errors", "zkwire._errors: not public"),
        ("coordinator._session", "from zkwire import _errors", "zkwire._errors: not public"),
        ("coordinator._session", "from zkwire import testing", "zkwire.testing: not public"),
        ("coordinator._session", "from zkwire.testing import Fake", "testing.Fake: not public"),
        ("coordinator._session", "import zkwire.testing", "zkwire.testing: not public"),
        ("coordinator._session", "zkwire._errors.NoNode", "zkwire._errors is not public"),
        ("coordinator._session", "import zkwire as z\nz.testing.Fake", "z.testing is not public"),
        ("coordinator._session", "import construct", "coordinator must not import construct"),
        ("coordinator._session", "import struct", "coordinator must not import struct"),
        # a module that nobody has thought about
        ("zkwire._address", "import re", "zkwire._address: belongs to no layer"),
    ],
)
def test_a_planted_violation_is_reported(importer, statement, reported):
    planted = {**CLEAN, importer: f"{CLEAN.get(importer, '')}\n{statement}\n"}
    found = [line for line in violations(planted) if not line.startswith("import cycle")]
    assert len(found) == 1
    assert found[0].startswith(importer)
    assert reported in found[0]


@pytest.mark.parametrize(
    "planted",
    [
        {"coordinator._a": "import coordinator._b", "coordinator._b": "import coordinator._a"},
        {
            "zkwire._proto._a": "from zkwire._proto import _b",
            "zkwire._proto._b": "from zkwire._proto._c import C",
            "zkwire._proto._c": "def late():\n    from zkwire._proto._a import A",
        },
        {"zkwire._errors": "import zkwire._paths", "zkwire._paths": "import zkwire._errors"},
    ],
)
def test_a_planted_cycle_is_reported(planted):
    (found,) = violations({**CLEAN, **planted})
    assert found.startswith("import cycle: ")
    assert all(module in found for module in planted)


def test_the_tree_is_read_from_files(tmp_path):
    for name, source in [
        ("zkwire/__init__.py", ""),
        ("zkwire/_types.py", "import trio"),
        ("zkwire/_proto/__init__.py", "import time"),
        ("coordinator/recipes/_lock.py", "from zkwire._types import Zxid"),
    ]:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    assert violations(tree(tmp_path)) == [
        "coordinator.recipes._lock:1: coordinator must not import zkwire._types.Zxid: not public",
        "zkwire._proto:1: zkwire._proto must not import time",
        "zkwire._types:1: zkwire._types must not import trio",
    ]
