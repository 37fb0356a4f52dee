"""The arguments of a create, alone or in a multi: checked, and in wire order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from zkwire._arguments import (
    MAX_TTL_MS,
    milliseconds,
    require_data,
    require_instance,
    require_seconds,
)
from zkwire._errors import InvalidArgument, InvalidArgumentType
from zkwire._models import OPEN_ACL_UNSAFE, Acl, Identity
from zkwire._paths import check_path, check_sequential_path
from zkwire._types import CreateMode, Perms

_OPEN: Final = list(OPEN_ACL_UNSAFE)


def acl_entries(acl: Sequence[Acl]) -> list[Acl]:
    """An ACL as the wire wants it.

    Raises:
        InvalidArgument: it is empty, which servers answer with InvalidAcl, has a
            permission that does not exist, or names somebody in half a character.
        InvalidArgumentType: it is no sequence, or an entry is no Acl.
    """
    if acl is OPEN_ACL_UNSAFE:
        return _OPEN
    try:
        entries: list[object] = list(acl)
    except TypeError as error:
        message = f"acl: must be a sequence of Acl, not {type(acl).__name__}"
        raise InvalidArgumentType(message) from error
    if not entries:
        raise InvalidArgument("acl: must have at least one entry")
    checked: list[Acl] = []  # not read again from acl: an iterator would be empty by now
    for index, entry in enumerate(entries):
        match entry:
            case Acl(int(perms), Identity(str(scheme), str(name))):
                if not 0 <= perms <= Perms.ALL:
                    raise InvalidArgument(f"acl[{index}].perms: must be 0 to 31, not {perms}")
                try:
                    (scheme + name).encode()
                except UnicodeEncodeError as error:
                    raise InvalidArgument(f"acl[{index}].identity: {error}") from error
                checked.append(entry)
            case _:
                raise InvalidArgumentType(
                    f"acl[{index}]: must be an Acl, not {type(entry).__name__}"
                )
    return checked


def create_values(
    path: str, data: bytes | None, mode: CreateMode, acl: Sequence[Acl], ttl: float | None
) -> tuple[Any, ...]:
    """The fields of a CreateRequest, or of a CreateTTLRequest for a mode that has a TTL.

    Raises:
        InvalidArgument, InvalidArgumentType: an argument breaks a rule, which the
            message names.
    """
    require_instance("mode", mode, CreateMode)
    (check_sequential_path if mode.is_sequential else check_path)(path)
    require_data("data", data)
    values = (path, data, acl_entries(acl), mode.flags)
    if mode.has_ttl:
        if ttl is None:
            raise InvalidArgument(f"ttl: {mode.name} needs one")
        seconds = require_seconds("ttl", ttl, most=MAX_TTL_MS / 1000)
        return (*values, milliseconds(seconds))
    if ttl is not None:
        raise InvalidArgument(f"ttl: {mode.name} has none")
    return values
