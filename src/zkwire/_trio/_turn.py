"""Whose turn it is to read: the reader's, or that of a caller who has the connection to itself.

Between one request and the next of a caller that sends one after the other, the reader does
nothing but wake that caller: two more passes through the scheduler and one more ``epoll_wait``
for each reply, a tenth of the time of a get (``bench/``).  So where requests follow one another
quickly, the reader stands back, and each caller reads until its own reply is there.

While nobody reads, what a server says unasked lies in the socket.  That is never for longer than
``QUIET``: the reader is back when no request has come for so long.
"""

from __future__ import annotations

from typing import Final, final

import trio

QUIET: Final = 0.001
"""Seconds without a request after which the reader takes its place again; and the time within
which requests must follow one another for it to leave it."""

IN_A_ROW: Final = 8
"""Requests that must have followed one another before it does."""


@final
class Turn:
    """Lends the reader's place to callers."""

    def __init__(self) -> None:
        self.is_lent = False
        """Whether the reader stands back."""
        self.is_free = False
        """Whether a caller may read: the place is lent, and nobody else has it."""
        self._in_a_row = 0
        self._last = float("-inf")
        self._taken = 0
        self._back = trio.Event()

    # --- the reader's side --------------------------------------------------------------------

    def answered_alone(self, now: float) -> None:
        """The only request under way was answered: note it, and perhaps lend the place."""
        if now - self._last > QUIET:
            self._in_a_row = 0
        self._last = now
        self._in_a_row += 1
        if self._in_a_row >= IN_A_ROW:
            self._in_a_row = 0
            self.is_lent = self.is_free = True
            self._back = trio.Event()

    async def stand_back(self) -> None:
        """Wait until the place is the reader's again."""
        while self.is_lent:
            taken = self._taken
            with trio.move_on_after(QUIET):
                await self._back.wait()
            if self.is_free and self._taken == taken:
                self._end()
        await trio.lowlevel.checkpoint_if_cancelled()

    # --- a caller's side ----------------------------------------------------------------------

    def take(self) -> None:
        """Begin to read."""
        self.is_free = False
        self._taken += 1

    def give_back(self, *, is_quiet: bool) -> None:
        """Have read: the place stays lent if nobody waits for a reply."""
        if is_quiet:
            self.is_free = self.is_lent
        else:
            self._end()

    def _end(self) -> None:
        self.is_lent = self.is_free = False
        self._back.set()
