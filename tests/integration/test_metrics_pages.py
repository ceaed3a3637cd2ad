"""The metrics pages of running services show the declared metrics, with figures that match the events."""

from __future__ import annotations

import re
import uuid
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from monitoring.catalog import metrics_by_service
from tests.support.api import signed_in
from tests.support.system import System, within
from toccata.standalone.home import write_targets
from toccata.standalone.service import SERVICES

pytestmark = [pytest.mark.processes, pytest.mark.servers]
FLOWS = """\
id: watched
namespace: {namespace}
tasks:
  - {{id: say, type: io.kestra.plugin.core.log.Log, message: hi}}
---
id: waiting
namespace: {namespace}
concurrency: {{limit: 1}}
tasks:
  - {{id: nap, type: io.kestra.plugin.core.flow.Sleep, duration: PT2M}}
"""

Page = dict[tuple[str, tuple[tuple[str, str], ...]], float]


async def read(system: System, service: str) -> tuple[dict[str, str], Page]:
    """Return kinds by name, and every sample by name and labels."""
    async with httpx.AsyncClient(timeout=20) as client:
        text = (await client.get(f"{system.replicas[service].health_url}/prometheus")).text
    kinds = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE))
    samples = [s for family in text_string_to_metric_families(text) for s in family.samples]
    return kinds, {(s.name, tuple(sorted(s.labels.items()))): s.value for s in samples}


@pytest.mark.parametrize("service", SERVICES)
async def test_a_page_shows_what_is_declared_and_nothing_else(system: System, service: str) -> None:
    kinds, samples = await read(system, service)
    metrics = metrics_by_service()
    declared = {metric.name: metric.kind for metric in (*metrics["every service"], *metrics[service])}
    assert {name.removesuffix("_total"): kind for name, kind in kinds.items()} == declared
    assert samples["toccata_up", (("check", "kafka"),)] == 1
    assert any(name == "toccata_build_info" and ("service", service) in labels for name, labels in samples)
    assert samples["process_resident_memory_bytes", ()] > 1_000_000
    assert samples["process_start_time_seconds", ()] > 1_700_000_000


async def test_the_figures_match_the_events(own_system: System) -> None:
    """Of its own system, because only the first flows since the start have counters of their own."""
    system = own_system
    namespace = f"metrics.{uuid.uuid4().hex}"  # figures of an earlier run of this test do not count
    flow = (("flow", "watched"), ("namespace", namespace))
    async with signed_in(system) as api:
        await api.save(FLOWS.format(namespace=namespace))
        await api.ended((await api.execute(namespace, "watched"))["id"])
        long = [(await api.execute(namespace, "waiting"))["id"] for _ in range(3)]

        async def counted() -> Page:
            _, page = await read(system, "indexer")
            return page if page.get(("toccata_executions_created_total", flow)) else {}

        page = await within(20, counted)
        assert page["toccata_executions_created_total", flow] == 1
        assert page["toccata_executions_ended_total", (*flow, ("state", "SUCCESS"))] == 1

        async def queued() -> Page:
            _, page = await read(system, "executor")
            limits = {
                dict(labels)["limit"]: n
                for (name, labels), n in page.items()
                if name == "toccata_limit_queue"
            }
            return page if 2 in limits.values() else {}

        page = await within(20, queued)
        assert page["toccata_dispatch_workers", (("group", "default"),)] == 1
        assert page["toccata_inputs_total", (("processor", "executions"),)] > 0

        async def running() -> Page:
            _, page = await read(system, "worker")
            types = (("group", "default"), ("type", "io.kestra.plugin.core.flow.Sleep"))
            # Other tests may have left attempts running in this system.
            return page if page.get(("toccata_attempts_running", types), 0) >= 1 else {}

        await within(20, running)

        async def open_ones() -> Page:
            _, page = await read(system, "web")
            mine = (("flow", "waiting"), ("namespace", namespace), ("state", "QUEUED"))
            return page if page.get(("toccata_flow_executions", mine)) == 2 else {}

        await within(30, open_ones)
        for execution in long:
            await api.client.delete(f"/api/v1/main/executions/{execution}/kill")


def test_standalone_gives_prometheus_the_addresses_of_the_pages(tmp_path: Path) -> None:
    write_targets(tmp_path, {"web": "http://127.0.0.1:4711"})
    assert (tmp_path / "prometheus-targets.json").read_text() == (
        '[\n  {\n    "targets": [\n      "127.0.0.1:4711"\n    ],\n    "labels": {\n      "service": "web"\n    }\n  }\n]\n'
    )
