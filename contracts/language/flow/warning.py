"""Warnings: what is accepted but will not work as its author may expect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from contracts.language.expression.presence import has_expression
from contracts.language.flow.model import Flow, Task, Trigger
from contracts.language.flow.semantic import all_tasks
from contracts.language.flow.violation import Path, Violation, path_text
from contracts.language.types.flowable.child_failure import WORDS
from contracts.language.types.index import TRIGGERS
from contracts.language.types.trigger.event import EVENT
from contracts.language.types.trigger.webhook import SHORTEST_KEY, WEBHOOK
from contracts.language.yaml_text.document import Document

NOT_CARRIED_OUT: Mapping[str, str] = {
    "quotas": "quotas",
    "worker_selector": "workerSelector",
    "assets": "assets",
    "policy_refs": "policyRefs",
    "plugin_defaults_ref": "pluginDefaultsRef",
}
"""Properties that are read and checked, but have no effect in this version. A flow that has one gets a warning."""
NOT_CARRIED_OUT_FOR_TRIGGERS: Mapping[str, str] = {**NOT_CARRIED_OUT, "log_to_file": "logToFile"}
_REMOVE = "It runs as if this were not there."


def warnings_of(flow: Flow, task_paths: Mapping[str, Path], document: Document) -> Iterator[Violation]:
    yield from _not_carried_out(flow, (), document)
    for task in all_tasks(flow):
        yield from _not_carried_out(task, task_paths[task.id], document)
        word = task.properties.get("onChildFailure")
        if isinstance(word, str) and word.upper() not in WORDS:
            message = f"`{word}` is no way to treat what runs beside a failure, so it counts as CONTINUE"
            place = (*task_paths[task.id], "onChildFailure")
            yield _warning(message, place, document, "Write CONTINUE, CANCEL or FAIL.")
    for index, trigger in enumerate(flow.triggers):
        path = ("triggers", index)
        yield from _not_carried_out(trigger, path, document, NOT_CARRIED_OUT_FOR_TRIGGERS)
        if trigger.fail_on_trigger_error and trigger.type in TRIGGERS:
            message = "`failOnTriggerError` is accepted, but only triggers that are polled carry it out"
            yield _warning(message, (*path, "failOnTriggerError"), document, _REMOVE)
        if trigger.worker_group is not None and trigger.type in TRIGGERS:
            message = "`workerGroup` is accepted, but this version does not carry it out for triggers"
            yield _warning(message, (*path, "workerGroup"), document, _REMOVE)
        selective = any(trigger.properties.get(key) for key in ("topic", "eventType", "source", "subject"))
        if trigger.type == EVENT.name and not selective and trigger.when is None:
            message = f"Trigger `{trigger.id}` has no topic, eventType, source, subject or when"
            yield _warning(message, path, document, "Every event starts the flow.")
        key = trigger.properties.get("key")
        if trigger.type == WEBHOOK.name and _is_short(key):
            message = f"the key of webhook `{trigger.id}` has less than {SHORTEST_KEY} characters"
            yield _warning(message, (*path, "key"), document, "Others may guess it. Write a longer one.")


def _is_short(key: object) -> bool:
    return isinstance(key, str) and len(key) < SHORTEST_KEY and not has_expression(key)


def _not_carried_out(
    part: Flow | Task | Trigger, path: Path, document: Document, names: Mapping[str, str] = NOT_CARRIED_OUT
) -> Iterator[Violation]:
    for attribute, written in names.items():
        if getattr(part, attribute, None):
            message = f"`{written}` is accepted, but this version does not carry it out"
            yield _warning(message, (*path, written), document, _REMOVE)


def _warning(message: str, path: Path, document: Document, suggestion: str) -> Violation:
    line, column = document.key_position(path)
    return Violation(message, path_text(path), line, column, kind="warning", suggestion=suggestion)
