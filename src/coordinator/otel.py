"""Metrics and traces of a coordinator, for OpenTelemetry (the extra ``otel``).

A span and a duration for each request, and the coordinator's statistics as metrics::

    async with open_coordinator(servers, instrument=OpenTelemetryInstrument()) as coord: ...

No path is an attribute of a metric: there may be as many as nodes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from opentelemetry import metrics, trace
from opentelemetry.metrics import CallbackOptions, MeterProvider, Observation
from opentelemetry.trace import SpanKind, Status, StatusCode, TracerProvider

from coordinator._instrument import Instrument

if TYPE_CHECKING:
    from coordinator._addresses import ServerAddress
    from coordinator._statistics import Statistics
    from coordinator._transitions import Transition

_NAME: Final = "coordinator"
_SYSTEM: Final = {"db.system.name": "zookeeper"}

# What is read from the statistics whenever metrics are collected: (name, unit, field).
_COUNTERS: Final = (
    ("attempts", "{attempt}"),
    ("connections", "{connection}"),
    ("sessions", "{session}"),
    ("reconnections", "{reconnection}"),
    ("losses", "{session}"),
    ("expirations", "{session}"),
    ("stalls", "{stall}"),
)
_GAUGES: Final = (
    ("requests_in_flight", "{request}"),
    ("tasks_waiting_for_room", "{task}"),
    ("watches", "{watch}"),
    ("last_ping_seconds", "s"),
    ("negotiated_timeout", "s"),
    ("since_last_contact", "s"),
    ("longest_stall", "s"),
)


class OpenTelemetryInstrument(Instrument):
    """Tells OpenTelemetry; one for each coordinator.

    Args:
        tracer_provider: None: the global one.
        meter_provider: None: the global one.
    """

    def __init__(
        self,
        tracer_provider: TracerProvider | None = None,
        meter_provider: MeterProvider | None = None,
    ) -> None:
        self._tracer = trace.get_tracer(_NAME, tracer_provider=tracer_provider)
        self._meter = metrics.get_meter(_NAME, meter_provider=meter_provider)
        self._read: Callable[[], Statistics] | None = None
        self._requests = self._meter.create_histogram(
            "zookeeper.client.request.duration", "s", "From the call to the answer"
        )
        self._attempts = self._meter.create_histogram(
            "zookeeper.client.attempt.duration", "s", "Of an attempt to connect"
        )
        self._transitions = self._meter.create_counter(
            "zookeeper.client.transitions", "{transition}", "Changes of state"
        )
        self._leases = self._meter.create_histogram(
            "zookeeper.client.lease.duration", "s", "Until a lease was held, and while it was"
        )
        for field, unit in _COUNTERS:
            self._meter.create_observable_counter(
                f"zookeeper.client.{field}", [self._observer(field)], unit
            )
        for field, unit in _GAUGES:
            self._meter.create_observable_gauge(
                f"zookeeper.client.{field}", [self._observer(field)], unit
            )

    def _observer(self, field: str) -> Callable[[CallbackOptions], Iterable[Observation]]:
        def observe(_options: CallbackOptions) -> Iterable[Observation]:
            if self._read is not None:
                yield Observation(getattr(self._read(), field))

        return observe

    def opened(self, read: Callable[[], Statistics]) -> None:
        """Observe the coordinator's statistics from now on."""
        self._read = read

    def closed(self) -> None:
        """Observe them no longer."""
        self._read = None

    @contextmanager
    def request(self, operation: str, path: str | None) -> Generator[None]:
        """Put a span around a request, and note how long it took."""
        attributes = {**_SYSTEM, "db.operation.name": operation}
        spanned = attributes if path is None else {**attributes, "zookeeper.path": path}
        began = time.perf_counter()
        with self._tracer.start_as_current_span(
            operation,
            kind=SpanKind.CLIENT,
            attributes=spanned,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield
            except BaseException as error:
                kind = type(error).__name__
                attributes["error.type"] = kind
                span.set_attribute("error.type", kind)
                span.set_status(Status(StatusCode.ERROR, kind))
                raise
            finally:
                self._requests.record(time.perf_counter() - began, attributes)

    def transition(self, transition: Transition) -> None:
        """Count the change, and put it into the current span, if there is one."""
        states = {
            "zookeeper.state": transition.state.value,
            "zookeeper.previous": transition.previous.value,
        }
        self._transitions.add(1, states)
        trace.get_current_span().add_event("zookeeper.transition", states)

    def attempt(self, server: ServerAddress, seconds: float, failure: Exception | None) -> None:
        """Note how long an attempt to connect took, and what it came to."""
        attributes: dict[str, str | int] = {
            "server.address": server.host,
            "server.port": server.port,
        }
        if failure is not None:
            attributes["error.type"] = type(failure).__name__
        self._attempts.record(seconds, attributes)

    def lease(self, path: str, state: str, seconds: float) -> None:
        """Note how long a lease took to get, and how long it lasted."""
        del path
        self._leases.record(seconds, {"zookeeper.lease": state})
