"""Who may do what: identities and access control lists."""

from __future__ import annotations

import hashlib
from binascii import b2a_base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from zkwire import Acl, Identity, Perms
from zkwire.testing._memory._database._network import same_network

SUPER: Final = Identity("super", "")
_ANYONE: Final = Identity("world", "anyone")


@dataclass(frozen=True, slots=True)
class Origin:
    """Who asks: a session, and the identities of the connection that it speaks through.

    ``who`` holds the connection's ``ip`` identity, its digests, and ``("super", "")`` for the
    one who bypasses every ACL.  A ``session_id`` of 0 is the ensemble itself.
    """

    session_id: int
    who: frozenset[Identity] = frozenset()


def allows(acl: Iterable[Acl], perms: int, who: frozenset[Identity]) -> bool:
    """Whether ``acl`` grants one of ``perms`` to somebody among ``who``."""
    # IntFlag's own "&" takes longer than all the rest of this.
    wanted = int(perms)
    for granted, identity in acl:
        if granted & wanted and (identity == _ANYONE or _is_among(identity, who)):
            return True
    return SUPER in who


def _is_among(identity: Identity, who: frozenset[Identity]) -> bool:
    if identity.scheme == "ip":
        return any(same_network(asking, identity.id) for scheme, asking in who if scheme == "ip")
    return identity.scheme != "super" and identity in who


def shown_acl(acl: Sequence[Acl], who: frozenset[Identity]) -> tuple[Acl, ...] | None:
    """What getACL shows, or None: NoAuth.

    READ or ADMIN lets it be seen; without ADMIN the hashes of digests read ``x``.
    """
    if allows(acl, Perms.ADMIN, who):
        return tuple(acl)
    if not allows(acl, Perms.READ, who):
        return None
    return tuple(
        Acl(perms, Identity("digest", _masked(identity.id)))
        if identity.scheme == "digest"
        else Acl(perms, identity)
        for perms, identity in acl
    )


def _masked(digest: str) -> str:
    """A digest identity without its hash."""
    user, colon, _ = digest.partition(":")
    return f"{user}:x" if colon else digest


def digest_identities(credentials: bytes, super_digest: str | None) -> tuple[Identity, ...]:
    """The identities that an auth packet of scheme ``digest`` brings.

    Args:
        credentials: ``user:password``; anything is accepted, as on real servers.
        super_digest: The digest that makes its owner bypass every ACL.
    """
    text = credentials.decode(errors="replace")
    # Not a secret of ours to protect: the protocol's identities are SHA-1 by definition.
    digest = hashlib.sha1(text.encode(), usedforsecurity=False).digest()
    name = f"{text.partition(':')[0]}:{b2a_base64(digest, newline=False).decode()}"
    own = Identity("digest", name)
    return (SUPER, own) if name == super_digest else (own,)
