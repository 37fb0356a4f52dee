"""A handle whose paths are not the server's."""

from __future__ import annotations

import trio

from zkwire._proto._request import Request
from zkwire._trio._operations import Operations


class Rooted(Operations):
    """A handle whose paths lie below ``/root``; keeps what it was asked for, and answers it."""

    def __init__(self, *answers: object) -> None:
        self.asked: list[Request] = []
        self._answers = list(answers)

    async def perform(self, request, *, watch=None):
        await trio.lowlevel.checkpoint()
        self.asked.append(request)
        return self._answers.pop(0)

    def server_path(self, path):
        return "/root" if path == "/" else f"/root{path}"

    def client_path(self, path):
        return path.removeprefix("/root") or "/"

    @property
    def watches(self):
        raise NotImplementedError
