"""Four-letter words."""

# ruff: noqa: D103  # a check is described by what it expects
from __future__ import annotations

from zkwire.conformance import _needs as needs
from zkwire.conformance._check import Group
from zkwire.conformance._context import Context
from zkwire.conformance._mismatch import require, same
from zkwire.conformance._version import said_version
from zkwire.conformance._words import ask

check = Group("words")


async def answer(context: Context, word: str) -> str:
    """The answer up to the close."""
    return await ask(context.target.address, word) or ""


@check("srvr", "version and mode", needs=[needs.word("srvr")])
async def srvr(context: Context) -> str:
    text = await answer(context, "srvr")
    require(said_version(text) is not None, text)
    mode = [line for line in text.splitlines() if line.startswith("Mode: ")]
    same("lines with a mode", len(mode), 1)
    return mode[0]


@check("ruok", "imok, without a newline", needs=[needs.word("ruok")])
async def ruok(context: Context) -> str:
    same("answer", text := await answer(context, "ruok"), "imok")
    return text


@check("isro", "rw, without a newline", needs=[needs.word("isro")])
async def isro(context: Context) -> str:
    same("answer", text := await answer(context, "isro"), "rw")
    return text


@check("mntr", "names and values", needs=[needs.word("mntr")])
async def mntr(context: Context) -> str:
    text = await answer(context, "mntr")
    require(text.startswith("zk_version\t"), text[:100])
    return "zk_version first"


@check("conf", "the settings", needs=[needs.word("conf")])
async def conf(context: Context) -> str:
    text = await answer(context, "conf")
    require("tickTime=" in text, text[:100])
    return "tickTime among them"


@check("switched_off", "a word that is switched off says so", needs=[needs.no_word("mntr")])
async def switched_off(context: Context) -> str:
    wire = await context.wire()
    await wire.send_word("mntr")
    text = (await wire.rest()).decode("utf-8", "replace")
    same("answer", text, "mntr is not executed because it is not in the whitelist.\n")
    return text.strip()
