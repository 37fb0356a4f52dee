"""Spans and metrics of a coordinator, read back from OpenTelemetry's own SDK."""

from __future__ import annotations

import pytest
import trio
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

import zkwire
from coordinator import open_coordinator
from coordinator.otel import OpenTelemetryInstrument
from zkwire.testing import open_memory_zookeeper


def collected(reader):
    """Each metric's points: (attributes, value or count)."""
    found = {}
    for resource in reader.get_metrics_data().resource_metrics:
        for scope in resource.scope_metrics:
            for metric in scope.metrics:
                found[metric.name] = [
                    (dict(point.attributes), getattr(point, "value", None) or point)
                    for point in metric.data.data_points
                ]
    return found


async def test_spans_and_metrics(autojump_clock):
    spans = InMemorySpanExporter()
    tracers = TracerProvider()
    tracers.add_span_processor(SimpleSpanProcessor(spans))
    reader = InMemoryMetricReader()
    instrument = OpenTelemetryInstrument(tracers, MeterProvider([reader]))
    async with open_memory_zookeeper() as ensemble:
        async with open_coordinator(
            ensemble.servers, "/app", dial=ensemble.dial, instrument=instrument
        ) as coord:
            with tracers.get_tracer("test").start_as_current_span("work") as outer:
                await coord.create("/x", b"secret")
                with pytest.raises(zkwire.NoNode):
                    await coord.get("/missing")
            await trio.sleep(1)
            metrics = collected(reader)
        assert "zookeeper.client.sessions" not in collected(reader)
    created, failed, _ = spans.get_finished_spans()
    assert created.name == "create"
    assert created.parent.span_id == outer.get_span_context().span_id
    assert dict(created.attributes) == {
        "db.system.name": "zookeeper",
        "db.operation.name": "create",
        "zookeeper.path": "/app/x",
    }
    assert failed.attributes["error.type"] == "NoNode"
    assert not failed.status.is_ok
    assert "secret" not in created.to_json() + failed.to_json()
    durations = metrics["zookeeper.client.request.duration"]
    assert {attributes["db.operation.name"] for attributes, _ in durations} == {
        "create",
        "get_data",
    }
    assert all("zookeeper.path" not in attributes for attributes, _ in durations)
    assert metrics["zookeeper.client.sessions"] == [({}, 1)]
    assert metrics["zookeeper.client.negotiated_timeout"] == [({}, 6.0)]
    states = [
        attributes["zookeeper.state"] for attributes, _ in metrics["zookeeper.client.transitions"]
    ]
    assert states == ["connected"]
