"""From the source of a flow to its model, or to everything that is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Literal

from contracts.language.flow.catalog import Catalog, canonical_name
from contracts.language.flow.document import Document, FlowSyntaxError, load_document
from contracts.language.flow.model import Flow
from contracts.language.flow.plugin_default import Merged, apply_defaults
from contracts.language.flow.reader import FlowReader
from contracts.language.flow.schema import kind_name
from contracts.language.flow.semantic import duplicate_tasks, duplicates_of, semantic_violations, warnings_of
from contracts.language.flow.violation import Deprecation, Violation, message_of

__all__ = ["Deprecation", "ParsedFlow", "Violation", "message_of", "parse_flow", "part_violations"]


@dataclass(frozen=True, slots=True)
class ParsedFlow:
    flow: Flow | None
    """None exactly if there are errors."""
    errors: tuple[Violation, ...] = ()
    warnings: tuple[str, ...] = ()
    deprecations: tuple[Deprecation, ...] = ()
    document: Document | None = None
    """The value as written (``document.value``), without plugin defaults; None if the text is no YAML."""


def parse_flow(source: str, catalog: Catalog | None) -> ParsedFlow:
    """Without a catalog only the structure is read, types are not looked up: for flows that were validated when
    they were stored. Never raises."""
    try:
        document = load_document(source)
    except FlowSyntaxError as error:
        problem = Violation(str(error), "yaml", error.line, error.column, kind="syntax")
        return ParsedFlow(None, (problem,))
    if not isinstance(document.value, dict):
        message = (
            f"Illegal flow yaml: a flow is a map that starts with `id:`, not {kind_name(document.value)}"
        )
        return ParsedFlow(None, (Violation(message, "yaml", 1, 1, kind="syntax"),), document=document)
    merged = apply_defaults(document.value, partial(canonical_name, catalog=catalog))
    reader = FlowReader(document, merged, catalog)
    flow = reader.read()
    errors = [
        *reader.findings.errors,
        *duplicate_tasks(reader.task_paths, document),
        *duplicates_of(merged.value, document),
    ]
    if flow is not None:
        errors += semantic_violations(flow, document, catalog)
    if errors or flow is None:
        return ParsedFlow(None, tuple(errors), (), tuple(reader.findings.deprecations), document)
    return ParsedFlow(flow, (), tuple(warnings_of(flow)), tuple(reader.findings.deprecations), document)


def part_violations(
    source: str, section: Literal["TASKS", "TRIGGERS"], catalog: Catalog
) -> tuple[Violation, ...]:
    """What is wrong with one task or trigger that stands alone, paths relative to it. Never raises."""
    try:
        document = load_document(source)
    except FlowSyntaxError as error:
        return (Violation(str(error), "yaml", error.line, error.column, kind="syntax"),)
    if not isinstance(document.value, dict):
        message = f"Illegal flow yaml: must be a map, not {kind_name(document.value)}"
        return (Violation(message, "yaml", 1, 1, kind="syntax"),)
    reader = FlowReader(document, Merged(document.value), catalog)
    reader.read_part(document.value, trigger=section == "TRIGGERS")
    return (*reader.findings.errors, *duplicate_tasks(reader.task_paths, document))
