"""Tasks of flows whose type has a successor."""

from __future__ import annotations

from contracts.registry import FlowState
from services.web.core.view.outdated import outdated
from toccata.plugins.host.catalog import PluginCatalog

CATALOG = PluginCatalog.ours()


def flow(rest: str) -> FlowState:
    source = f"id: f\nnamespace: team\n{rest}\n"
    return FlowState(namespace="team", flow_id="f", revision=2, source=source, at=0, created_at=0)


def test_tasks_whose_type_has_a_successor_are_found_at_any_depth() -> None:
    source = """
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: [1]
    tasks:
      - {id: old, type: io.kestra.core.tasks.log.Log, message: a}
      - {id: fine, type: io.kestra.plugin.core.log.Log, message: a}
"""
    found = outdated(flow(source), CATALOG)
    assert found is not None
    assert (found["namespace"], found["flowId"], found["revision"]) == ("team", "f", 2)
    assert [(task["taskId"], task["replacement"]) for task in found["deprecatedTasks"]] == [
        ("each", "io.kestra.plugin.core.flow.Loop"),
        ("old", "io.kestra.plugin.core.log.Log"),
    ]
    assert outdated(flow("tasks: []"), CATALOG) is None
    assert outdated(flow("tasks: ["), CATALOG) is None
