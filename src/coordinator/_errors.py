"""Errors that a user of the coordinator can see."""

from __future__ import annotations

from typing import Self

import zkwire


class ConfigurationError(ValueError):
    """An argument that no session can be opened with; nothing has been sent.

    The message names the argument, shows the value and states the rule it breaks, as in
    ``servers: 'host:99999': port must be 1 to 65535``.
    """

    @classmethod
    def about(cls, argument: str, value: object, rule: str) -> Self:
        """Compose the message, so that every one has the same three parts.

        Args:
            argument: name of the argument as the caller wrote it, with an index if it is a list.
            value: the offending value; it is shown, so never pass a secret.
            rule: what the value must be.

        Returns:
            The error, to be raised by the caller.
        """
        return cls(f"{argument}: {value!r}: {rule}")


class CoordinatorFailed(zkwire.ZkwireError):
    """The coordinator has given up, since trying again would not help; ``__cause__`` says why.

    Never sent: ``outcome`` is ``NOT_SENT``.
    """


class AuthenticationFailed(CoordinatorFailed):
    """A server refused who this client says it is; ``__cause__`` is its answer."""


class LeaseLost(zkwire.ZkwireError):
    """A lock or a lease is over, before the work under it was.

    Raised where it matters: by the block whose work was cancelled, and by what would
    have acted on a right that is gone.  Nothing is sent: ``outcome`` is ``NOT_SENT``,
    unless the server refused a guarded write, which it then did not apply.
    """
