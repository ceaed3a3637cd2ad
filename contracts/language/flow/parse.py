"""Turns the source of a flow into its model, or into everything that is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Literal

from contracts.language.flow.catalog import Catalog, canonical_name
from contracts.language.flow.model import Flow
from contracts.language.flow.plugin_default import Merged, apply_defaults
from contracts.language.flow.reader import FlowReader
from contracts.language.flow.schema import kind_name
from contracts.language.flow.semantic import duplicate_tasks, duplicates_of, semantic_violations
from contracts.language.flow.violation import Violation, first_findings
from contracts.language.flow.warning import warnings_of
from contracts.language.yaml_text.document import Document, FlowSyntaxError, load_document


@dataclass(frozen=True, slots=True)
class ParsedFlow:
    flow: Flow | None
    """None exactly if there are errors."""
    errors: tuple[Violation, ...] = ()
    """At most ``MOST_FINDINGS``, and one that counts the rest. So are the warnings and the deprecations."""
    warnings: tuple[Violation, ...] = ()
    deprecations: tuple[Violation, ...] = ()
    document: Document | None = None
    """The value as written (``document.value``), without plugin defaults. None if the text is not YAML."""


def parse_flow(source: str, catalog: Catalog | None) -> ParsedFlow:
    """Without a catalog only the structure is read and types are not looked up, for flows that were validated when they
    were stored. Never raises."""
    document = _document(source, "a flow is a map that starts with `id:`")
    if isinstance(document, Violation):
        return ParsedFlow(None, (document,))
    value = document.value
    assert isinstance(value, dict)
    merged = apply_defaults(value, partial(canonical_name, catalog=catalog))
    reader = FlowReader(document, merged, catalog)
    flow = reader.read()
    findings = reader.findings
    errors = [
        *findings.errors,
        *duplicate_tasks(reader.task_paths, document),
        *duplicates_of(merged.value, document),
    ]
    warnings = findings.warnings
    if flow is not None:
        errors += semantic_violations(flow, document, catalog, findings.guesses, dict(reader.task_paths))
        warnings += warnings_of(flow, dict(reader.task_paths), document)
    return ParsedFlow(
        None if errors else flow,
        first_findings(errors),
        first_findings(warnings),
        first_findings(findings.deprecations),
        document,
    )


def part_violations(
    source: str, section: Literal["TASKS", "TRIGGERS"], catalog: Catalog
) -> tuple[Violation, ...]:
    """Return what is wrong with a single task or trigger, with paths relative to it. Never raises."""
    document = _document(source, "must be a map")
    if isinstance(document, Violation):
        return (document,)
    value = document.value
    assert isinstance(value, dict)
    reader = FlowReader(document, Merged(value), catalog)
    reader.read_part(value, trigger=section == "TRIGGERS")
    return first_findings([*reader.findings.errors, *duplicate_tasks(reader.task_paths, document)])


def _document(source: str, wanted: str) -> Document | Violation:
    """Return the document if it is a map, else what is wrong with it."""
    try:
        document = load_document(source)
    except FlowSyntaxError as error:
        return Violation(
            error.problem, "", error.line, error.column, kind="syntax", suggestion=error.suggestion
        )
    if isinstance(document.value, dict):
        return document
    return Violation(f"{wanted}, not {kind_name(document.value)}", "", 1, 1, kind="syntax")
