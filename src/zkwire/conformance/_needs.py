"""What a check may need of a server: each says what is missing, or nothing."""

from __future__ import annotations

from zkwire.conformance._check import Need
from zkwire.conformance._target import Target


def ttl(target: Target) -> str | None:
    """Nodes with a time to live are switched on."""
    return None if target.ttl else "TTL nodes are switched off"


def no_ttl(target: Target) -> str | None:
    """Nodes with a time to live are switched off."""
    return "TTL nodes are switched on" if target.ttl else None


def reconfig(target: Target) -> str | None:
    """Reconfiguration is switched on."""
    return None if target.reconfig else "reconfig is switched off"


def no_reconfig(target: Target) -> str | None:
    """Reconfiguration is switched off."""
    return "reconfig is switched on" if target.reconfig else None


def standalone(target: Target) -> str | None:
    """The server is alone."""
    return "the server belongs to an ensemble" if target.ensemble else None


def ensemble(target: Target) -> str | None:
    """The server is a member of an ensemble."""
    return None if target.ensemble else "needs an ensemble"


def other_member(target: Target) -> str | None:
    """Another member of the ensemble is known by address."""
    return None if target.others else "needs another member of an ensemble"


def acls(target: Target) -> str | None:
    """The server heeds ACLs."""
    return None if target.acls else "the server ignores ACLs"


def no_sasl(target: Target) -> str | None:
    """The server does not speak SASL."""
    return "the server speaks SASL" if target.sasl else None


def refuses_check_alone(target: Target) -> str | None:
    """A check outside a multi is refused, and never becomes a transaction.

    Older servers answer nothing and log it.  Seen on 3.5.10 and 3.7.2: the followers of an
    ensemble stop at it with "Unsupported Txn", and a standalone server does not start again.
    So a user's word for the version is not enough here.
    """
    if target.said is None:
        return "the server does not say that its version is safe to ask"
    safe = target.said.has((3, 8, 5), (3, 9, 3))
    return None if safe else "would harm servers before 3.8.5 and 3.9.3"


def word(name: str) -> Need:
    """A four-letter word is switched on."""

    def need(target: Target) -> str | None:
        return None if name in target.words else f"the word {name} is switched off"

    return need


def no_word(name: str) -> Need:
    """A four-letter word is switched off."""

    def need(target: Target) -> str | None:
        return f"the word {name} is switched on" if name in target.words else None

    return need
