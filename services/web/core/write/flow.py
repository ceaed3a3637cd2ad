"""Reads and checks flow sources, and turns refusals of the registry into problems."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from contracts.json_text import NotJson, loads
from contracts.language.flow.catalog import Catalog
from contracts.language.flow.model import Flow
from contracts.language.flow.parse import parse_flow
from contracts.language.flow.validate import Validation, validate
from contracts.language.yaml_text.printing import source_of
from contracts.nesting import MOST_VALUE_LEVELS, is_deeper
from contracts.reply import Reply
from services.web.core.problem import Problem, Violation, invalid_entity, invalid_json, not_found

_DISABLED = re.compile(r"^disabled[ \t]*:[^\n]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Sourced:
    """A valid flow, ready to be stored."""

    namespace: str
    flow_id: str
    source: str
    flow: Flow


def read_flow(source: str, catalog: Catalog) -> Sourced:
    """Raises Problem 422 with every error of the source."""
    validation = validate(source, catalog)
    flow = validation.flow
    if flow is None:
        raise invalid_entity(validation.refusal, violations_of(validation))
    return Sourced(flow.namespace, flow.id, source, flow)


def violations_of(validation: Validation) -> tuple[Violation, ...]:
    return tuple(
        Violation(v.message, v.path, v.line, v.column, v.suggestion, v.one_line()) for v in validation.errors
    )


def validation_line(index: int, source: str, catalog: Catalog, stored_revision: int | None) -> dict[str, Any]:
    """One item of the answer to *validate*. A bad flow is not an error of the request."""
    validation = validate(source, catalog)
    line: dict[str, Any] = {"index": index}
    head = validation.written
    for key, name in (("namespace", "namespace"), ("flow", "id")):
        if isinstance(head.get(name), str):
            line[key] = head[name]
    if validation.flow is None:
        line["constraints"] = f"Validation error: {validation.refusal}"
    posted = head.get("revision")
    line["outdated"] = isinstance(posted, int) and stored_revision is not None and posted < stored_revision
    line["deprecationPaths"] = [each.path for each in validation.remarks if each.kind == "deprecation"]
    line["warnings"] = [each.one_line() for each in validation.remarks]
    line["infos"] = []
    line["violations"] = validation.as_data()
    return line


def head_of(source: str) -> tuple[str, str] | None:
    """Namespace and id of a source, even if the rest of it is wrong."""
    parsed = parse_flow(source, None)
    value = parsed.document.value if parsed.document is not None else None
    if not isinstance(value, dict):
        return None
    namespace, flow_id = value.get("namespace"), value.get("id")
    return (namespace, flow_id) if isinstance(namespace, str) and isinstance(flow_id, str) else None


def as_yaml(body: bytes, content_type: str) -> str:
    """The source in a request: YAML unchanged, JSON turned into YAML. Raises Problem 422."""
    if "json" in content_type:
        try:
            value = loads(body)
        except NotJson as error:
            raise invalid_json(str(error)) from error
        if is_deeper(body, MOST_VALUE_LEVELS):
            raise invalid_json(f"nested in more than {MOST_VALUE_LEVELS} levels")
        return source_of(value)
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise invalid_entity(f"the source is not UTF-8: {error.reason} at byte {error.start}") from error


def refusal(reply: Reply) -> Problem | None:
    """None: accepted."""
    if reply.accepted:
        return None
    if reply.code == "exists":
        return invalid_entity(
            "flow.id: Flow id already exists", (Violation("Flow id already exists", "flow.id"),)
        )
    if reply.code == "missing":
        return not_found()
    if reply.code == "conflict":
        return Problem(412, "conflict", reply.reason or "Another revision was saved meanwhile")
    return invalid_entity(reply.reason or "the registry refused it")


def same_flow(found: Sourced, namespace: str, flow_id: str) -> None:
    """Raises Problem 422 if an update changes namespace or id."""
    violations = []
    if found.flow_id != flow_id:
        violations.append(Violation("Illegal flow id update", "flow.id"))
    if found.namespace != namespace:
        violations.append(Violation("Illegal namespace update", "flow.namespace"))
    if violations:
        raise invalid_entity(", ".join(f"{v.path}: {v.message}" for v in violations), tuple(violations))


def with_disabled(source: str, *, disabled: bool) -> str:
    """The source with ``disabled`` set at its top level. Everything else stays as written."""
    line = f"disabled: {'true' if disabled else 'false'}"
    if _DISABLED.search(source):
        return _DISABLED.sub(line, source, count=1)
    if not disabled:
        return source
    return source + ("" if source.endswith("\n") else "\n") + line + "\n"
