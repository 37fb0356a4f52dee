"""From the ACL that a client sent to the one that is stored."""

from __future__ import annotations

from collections.abc import Sequence

from zkwire import Acl, Identity, InvalidAcl, MarshallingError
from zkwire.testing._memory._database._network import network
from zkwire.testing._memory._database._refusal import Refusal


def resolved_acl(acl: Sequence[Acl] | None, who: frozenset[Identity]) -> tuple[Acl, ...]:
    """The ACL that is stored for one that was sent.

    Entries that are there twice are kept once; ``auth`` becomes the identities that the asking
    connection has proved, which its address is not.

    Raises:
        Refusal: It is empty, or somebody in it is nobody.
    """
    kept: list[Acl] = []
    for entry in dict.fromkeys(acl or ()):
        if entry.identity.scheme == "auth":
            proved = sorted(one for one in who if one.scheme not in {"ip", "super"})
            if not proved:
                raise Refusal(InvalidAcl)
            kept.extend(Acl(entry.perms, one) for one in proved)
        elif _is_valid(*entry.identity):
            kept.append(entry)
        else:
            raise Refusal(InvalidAcl)
    if not kept:
        raise Refusal(InvalidAcl)
    return tuple(kept)


def _is_valid(scheme: str | None, name: str | None) -> bool:
    """Whether there may be such an identity; on the wire both texts may be null."""
    if scheme not in {"world", "digest", "ip"}:
        return False
    if name is None:
        # A real server runs into the null pointer, and gives up on all of the request.
        raise Refusal(MarshallingError, whole=True)
    match scheme:
        case "world":
            return name == "anyone"
        case "digest":
            # Java's split leaves out what is empty at the end: "user:" has one part.
            return len(name.rstrip(":").split(":")) == 2
        case _:
            return network(name) is not None
