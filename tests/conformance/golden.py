"""Calls recorded on a running Kestra 2.0, replayed against ours: which are in scope, what is adapted, and how an answer is
compared. Values are volatile; status, keys and types are not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

OUT_OF_SCOPE: dict[str, str] = {
    "flow_create_removed_input_type_422": "type BOOLEAN stays accepted here",
    "flow_create_schedule_missing_inputs_422": "the recorded server refuses optional inputs too; here only required ones",
    "executions_delete_by_query": "deletion of executions comes later",
    "flow_graph": "graphs come with the UI",
    "flow_dependencies": "graphs come with the UI",
    "flow_validate_task": "the editor's routes come with the UI",
    "flows_bulk_update": "writes of whole namespaces come later",
    "flows_update_namespace_text": "writes of whole namespaces come later",
    "execution_graph": "graphs come with the UI",
    "eval_expression": "evaluation needs a worker's variables",
    "eval_expression_error": "evaluation needs a worker's variables",
    "eval_taskrun": "evaluation needs a worker's variables",
    "execution_file_metas": "files come with FILE inputs",
    "execution_file": "files come with FILE inputs",
    "execution_file_preview": "files come with FILE inputs",
    "execution_file_forbidden": "files come with FILE inputs",
    "labels_set": "edits of ended executions come later",
    "labels_set_system_422": "edits of ended executions come later",
    "replay": "replay comes later",
    "replay_from_taskrun": "replay comes later",
    "replay_with_inputs": "replay comes later",
    "replay_by_ids": "replay comes later",
    "resume_not_paused_409": "Pause comes with the rest of the flow language",
    "pause_terminated": "Pause comes with the rest of the flow language",
    "flow_create_pause": "Pause comes with the rest of the flow language",
    "pause_running": "Pause comes with the rest of the flow language",
    "execute_paused": "Pause comes with the rest of the flow language",
    "execution_paused": "Pause comes with the rest of the flow language",
    "resume_validate": "Pause comes with the rest of the flow language",
    "resume_missing_input_422": "Pause comes with the rest of the flow language",
    "resume": "Pause comes with the rest of the flow language",
    "execution_resumed": "Pause comes with the rest of the flow language",
    "logs_resumed": "Pause comes with the rest of the flow language",
    "change_status": "edits of ended executions come later",
    "change_status_running_422": "edits of ended executions come later",
    "force_run_terminated": "the queue's tools come later",
    "unqueue_not_queued": "the queue's tools come later",
    "unqueue": "the queue's tools come later",
    "concurrency_limit_search": "the queue's tools come later",
    "execution_delete": "deletion of executions comes later",
    "execution_delete_404": "deletion of executions comes later",
    "logs_failed": "only a warning about an undeclared input, which is not logged here",
    "loop_flow_create": "Loop comes with the rest of the flow language",
    "loop_execute_wait": "Loop comes with the rest of the flow language",
    "subflow_create": "Subflow comes with the rest of the flow language",
    "subflow_execute_wait": "Subflow comes with the rest of the flow language",
    "flow_dependencies_parent": "graphs come with the UI",
    "namespace_dependencies": "graphs come with the UI",
    **dict.fromkeys(
        ["kv_put_string", "kv_put_json_ttl", "kv_put_invalid", "kv_get", "kv_get_json", "kv_get_404", "kv_list",
         "kv_list_ns", "kv_inheritance", "kv_delete", "kv_delete_absent", "kv_delete_bulk"],
        "the KV store comes later",
    ),
    **dict.fromkeys(
        ["nsfile_put", "nsfile_get", "nsfile_get_404", "nsfile_stats", "nsdir_create", "nsdir_list", "nsfile_search",
         "nsfile_revisions", "nsfile_move", "nsfile_traversal", "nsfile_delete"],
        "namespace files come later",
    ),
    "namespace_inherited_secrets": "secrets come later",
    "secrets_list": "secrets come later",
    "backfill_create": "backfills come later",
    "triggers_after_backfill": "backfills come later",
    "backfill_pause": "backfills come later",
    "backfill_unpause": "backfills come later",
    "backfill_delete": "backfills come later",
    "trigger_restart": "no trigger of this release is polled",
    "plugin_inputs": "the editor's routes come with the UI",
    "plugin_input_string": "the editor's routes come with the UI",
    "plugin_versions": "the editor's routes come with the UI",
    "plugin_triggers": "the editor's routes come with the UI",
    "pebble_functions": "the editor's routes come with the UI",
    "pebble_filters": "the editor's routes come with the UI",
    **dict.fromkeys(
        ["dashboards_list", "dashboard_create", "dashboard_validate_bad", "dashboard_get", "dashboard_chart_kpi",
         "dashboard_chart_table", "dashboard_delete", "dashboard_get_404", "default_dashboards"],
        "dashboards come later",
    ),
    "usages_all": "usage figures come later",
    "cluster_services": "the system page comes later",
    "blueprints_flows": "blueprints come later",
}  # fmt: skip

OTHER_STATUS: dict[str, tuple[int, str]] = {
    "restart_by_ids": (200, "bulk actions are done when they are answered"),
}
"""Calls that are answered with another status on purpose."""

IGNORED: dict[str, dict[str, str]] = {
    "logs_get_min_level": {"": "the recorded server ignored minLevel; here it holds, so nothing is left"},
    "kill_by_ids_invalid": {
        f"invalids[].{key}": "a Java bean's name"
        for key in ("rootBean", "rootBeanClass", "leafBean", "propertyPath", "executableParameters", "messageTemplate")
    },
    "plugin_doc_log": {
        f"schema.properties.{key}": "our schema says it in another way"
        for key in ("$examples", "properties.level.type", "properties.level.enum", "properties.level.$required",
                    "properties.message.$required")
    },
    **dict.fromkeys(
        ["executions_search", "executions_search_timerange", "old_route_without_tenant"],
        dict.fromkeys(
            ["results[].inputs", "results[].outputs", "results[].parentId", "results[].trigger", "results[].triggers",
             "results[].tasks[].values"],
            "another execution or flow stands first",
        ),
    ),
    "triggers_search": {
        "results[].state.evaluatedAt": "not evaluated yet",
        "results[].state.lastTriggeredDate": "not triggered yet",
    },
    "trigger_set_disabled": {
        "evaluatedAt": "not evaluated yet",
        "lastTriggeredDate": "not triggered yet",
        "nextEvaluationDate": "a disabled trigger has none",
    },
}  # fmt: skip
"""Parts of an answer that are not compared, by path, with the reason."""

IGNORED_ENDINGS: dict[str, str] = {
    "tasks[].values": "the recorded server prints maps that may hold expressions as JSON text; here they are maps",
    "inputs.doc": "a file, and files come with FILE inputs",
}
"""The same, in every answer."""

MAY_BE_EMPTY = frozenset({"taskRunList", "attempts"})
"""How far an execution has come when it is shown is not the same twice."""


class Call:
    def __init__(self, recorded: dict[str, Any]) -> None:
        self.name: str = recorded["name"]
        self.method: str = recorded["method"]
        self.path: str = recorded["path"]
        self.request: dict[str, Any] = recorded["request"]
        self.status: int = recorded["status"]
        self.response: Any = recorded["response"]

    @property
    def text(self) -> str | None:
        """The answer where it is no JSON."""
        return self.response.get("$text") if isinstance(self.response, dict) else None


def recorded_calls(folder: Path) -> list[Call]:
    return [Call(json.loads(file.read_text())) for file in sorted(folder.glob("[0-9]*.json"))]


def differences(expected: Any, actual: Any, path: str = "") -> list[tuple[str, str]]:
    """(path, what) where ours lacks a key, or has another type. More keys are no difference; nulls are absent ones."""
    if expected is None:
        return []
    if isinstance(expected, dict):
        if not isinstance(actual, dict):
            return [(path, f"expected an object, not {_kind(actual)}")]
        found = []
        for key, value in expected.items():
            below = f"{path}.{key}" if path else key
            if value is None:
                continue
            if key not in actual:
                found.append((below, "missing"))
            else:
                found += differences(value, actual[key], below)
        return found
    if isinstance(expected, list):
        if not isinstance(actual, list):
            return [(path, f"expected a list, not {_kind(actual)}")]
        if not expected:
            return []
        if not actual:
            return (
                [] if path.rpartition(".")[2] in MAY_BE_EMPTY else [(path, "expected items, there are none")]
            )
        return differences(expected[0], actual[0], f"{path}[]")
    if _kind(expected) != _kind(actual):
        return [(path, f"expected {_kind(expected)}, not {_kind(actual)}")]
    return []


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if value is None:
        return "null"
    return "text" if isinstance(value, str) else "list" if isinstance(value, list) else "object"
