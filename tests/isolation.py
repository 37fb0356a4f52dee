"""Whether members of an ensemble can have networks of their own here."""

from __future__ import annotations

import pytest

from zkwire.testing._launcher._errors import UnavailableError
from zkwire.testing._launcher._namespaces import check_isolation

# A member that is cut off serves its clients for four seconds: its sessions end much earlier.
ISOLATED = {"members": 3, "tick_time": 0.2, "config": {"syncLimit": 20}, "isolated": True}


def _why_not():
    try:
        check_isolation("maven")
    except UnavailableError as error:
        return error.reason
    return ""


needs_namespaces = pytest.mark.skipif(bool(_why_not()), reason=_why_not())
