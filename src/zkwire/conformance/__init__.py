"""Does a server speak the ZooKeeper protocol as it should?  Checks that can be pointed at any.

From a shell ``zkwire conformance HOST:PORT``; from a test suite `pytest_checks`; from a program
`run_checks`, with what `select_checks` gives.  The checks work below nodes of their own, which
are removed again, and nothing is sent that a client must never send.
"""

from zkwire.conformance._address import Address as Address
from zkwire.conformance._address import parse_address as parse_address
from zkwire.conformance._check import Check as Check
from zkwire.conformance._mismatch import Mismatch as Mismatch
from zkwire.conformance._outcome import Outcome as Outcome
from zkwire.conformance._outcome import Report as Report
from zkwire.conformance._outcome import Verdict as Verdict
from zkwire.conformance._pytest import pytest_checks as pytest_checks
from zkwire.conformance._runner import run_checks as run_checks
from zkwire.conformance._select import all_checks as all_checks
from zkwire.conformance._select import select_checks as select_checks
from zkwire.conformance._target import Target as Target
from zkwire.conformance._target import UnusableTarget as UnusableTarget
from zkwire.conformance._version import Version as Version
from zkwire.conformance._version import parse_version as parse_version

__all__ = [
    "Address",
    "Check",
    "Mismatch",
    "Outcome",
    "Report",
    "Target",
    "UnusableTarget",
    "Verdict",
    "Version",
    "all_checks",
    "parse_address",
    "parse_version",
    "pytest_checks",
    "run_checks",
    "select_checks",
]
