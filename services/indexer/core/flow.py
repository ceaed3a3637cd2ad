"""Revisions of flows as rows, with the searchable parts of their source. Pure."""

from __future__ import annotations

from contracts.language.flow.label import label_pairs
from contracts.language.yaml_text.document import FlowSyntaxError, load_document
from contracts.registry import FlowState
from services.indexer.core.change import Changes
from services.indexer.core.rows import Values, clean, instant, labels_text


def fold_flow(changes: Changes, state: FlowState, position: int) -> None:
    """Fold one revision. The latest revision is the highest. Of two records of one revision the later one counts."""
    if state.removed:
        _remove(changes, (state.namespace, state.flow_id, state.revision))
        return
    values = _values(state, position)
    changes.flow_revisions[state.namespace, state.flow_id, state.revision] = values
    key = (state.namespace, state.flow_id)
    present = changes.flows.get(key)
    if present is None or present[2:4] < values[2:4]:
        changes.flows[key] = values
    changes.removed_revisions.discard((state.namespace, state.flow_id, state.revision))


def fold_tombstone(changes: Changes, key: str) -> None:
    """Remove the revision of the key ``<namespace>/<flow id>@<revision>``. The latest revision is never removed."""
    flow, _, revision = key.rpartition("@")
    namespace, _, flow_id = flow.partition("/")
    if not flow_id or not revision.isdecimal():
        return
    _remove(changes, (namespace, flow_id, int(revision)))


def _remove(changes: Changes, revision: tuple[str, str, int]) -> None:
    changes.flow_revisions.pop(revision, None)
    changes.removed_revisions.add(revision)


def _values(state: FlowState, position: int) -> Values:
    """Return values in the order of ``rows.FLOW_COLUMNS``."""
    labels, disabled, description = _head(state.source)
    return (
        state.namespace,
        state.flow_id,
        state.revision,
        position,
        clean(state.source),
        labels_text(labels),
        disabled,
        clean(description),
        state.deleted,
        instant(state.created_at),
        instant(state.at),
    )


def _head(source: str) -> tuple[dict[str, str], bool, str]:
    """Return labels, disabled and description. An unreadable source has none, but is stored and shown all the same."""
    try:
        document = load_document(source).value
    except FlowSyntaxError:
        return {}, False, ""
    if not isinstance(document, dict):
        return {}, False, ""
    description = document.get("description")
    return (
        _labels(document.get("labels")),
        document.get("disabled") is True,
        description if isinstance(description, str) else "",
    )


def _labels(value: object) -> dict[str, str]:
    try:
        pairs = label_pairs(value)
    except ValueError:
        return {}
    if not isinstance(pairs, list):
        return {}
    return {
        str(pair["key"]): str(pair["value"])
        for pair in pairs
        if isinstance(pair, dict) and "key" in pair and "value" in pair
    }
