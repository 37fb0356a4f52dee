"""Servers beyond those of zkwire's own pytest plugin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

    from zkwire.testing import Ensemble


@pytest.fixture(scope="session")
def zookeeper_secured(request: pytest.FixtureRequest) -> Generator[Ensemble]:
    """One server that speaks TLS too, and SASL with the users here; sessions of 0.2 to 20 s."""
    from zkwire.testing.pytest_plugin import serve_zookeeper

    # Long sessions: a megabyte through a cold JVM's TLS takes a busy machine a second.
    yield from serve_zookeeper(
        request,
        tick_time=0.1,
        config={"ssl.enabledProtocols": "TLSv1.2,TLSv1.3", "maxSessionTimeout": 20_000},
        tls=True,
        sasl={"bob": "bob's secret", "eve": "eve's secret"},
    )
