"""Metrics and log events, from the places in the source that make them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from docs.generate.source import calls, modules, text_of
from docs.generate.table import Pages, code, page, sentence, table

METRICS = """
Every metric that Toccata itself makes. Prometheus reads them from the health port of each service, at `/metrics`.
A histogram also has the series `_bucket`, `_sum` and `_count`.
[Monitoring](../guides/operations.md#monitoring) says which of them to watch.
"""
EVENTS = """
Every line that a service writes to its log is JSON with the name of what happened, in the field `event`.
These are all names, with the fields that come with them. Every line also has `timestamp`, `level` and `service`.
`info` is for whoever looks back, `warning` heals by itself, `error` needs a person.
"""
_KINDS = {"Counter": "counter", "Gauge": "gauge", "Histogram": "histogram", "Summary": "summary"}
_LEVELS = ("debug", "info", "warning", "error", "critical", "exception")


@dataclass(frozen=True, slots=True)
class Metric:
    name: str
    kind: str
    labels: tuple[str, ...]
    doc: str
    module: str


@dataclass(frozen=True, slots=True)
class LogEvent:
    name: str
    level: str
    fields: tuple[str, ...]
    module: str


def metrics() -> list[Metric]:
    """In the order of their names."""
    found = [metric for name in modules() for call in calls(name) if (metric := _metric(call, name))]
    return sorted(found, key=lambda each: (each.name, each.module))


def log_events() -> list[LogEvent]:
    found = [event for name in modules() for call in calls(name) if (event := _event(call, name))]
    return sorted(found, key=lambda each: (each.name, each.module))


def pages() -> Pages:
    measured = table(
        ("metric", "kind", "labels", "meaning", "of"),
        [
            (
                code(each.name),
                each.kind,
                ", ".join(map(code, each.labels)),
                sentence(each.doc),
                _owner(each.module),
            )
            for each in metrics()
        ],
    )
    logged = table(
        ("event", "level", "fields", "from"),
        [
            (code(each.name), each.level, ", ".join(map(code, each.fields)), _owner(each.module))
            for each in log_events()
        ],
    )
    return {
        "reference/metrics.md": page("Metrics", METRICS, measured),
        "reference/log-events.md": page("Log events", EVENTS, logged),
    }


def _metric(call: ast.Call, module: str) -> Metric | None:
    kind = _KINDS.get(_last_name(call.func))
    name = text_of(call.args[0]) if kind and call.args else None
    if kind is None or name is None or not name.startswith("toccata_"):
        return None
    given = {each.arg: each.value for each in call.keywords}
    doc = text_of(call.args[1] if len(call.args) > 1 else given.get("documentation")) or ""
    labels = call.args[2] if len(call.args) > 2 else given.get("labelnames")
    total = "_total" if kind == "counter" and not name.endswith("_total") else ""
    return Metric(name + total, kind, tuple(_labels(labels, module)), doc, module)


def _labels(node: ast.expr | None, module: str) -> Iterator[str]:
    if isinstance(node, ast.List | ast.Tuple):
        for each in node.elts:
            text = text_of(each)
            if text is not None:
                yield text
            elif isinstance(each, ast.Starred):
                yield from _labels(each.value, module)
    elif isinstance(node, ast.Name):
        yield from _labels(_assigned(node.id, module), module)


def _assigned(name: str, module: str) -> ast.expr | None:
    from docs.generate.source import tree

    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Assign) and any(
            isinstance(t, ast.Name) and t.id == name for t in node.targets
        ):
            return node.value
    return None


def _event(call: ast.Call, module: str) -> LogEvent | None:
    function = call.func
    if not (isinstance(function, ast.Attribute) and function.attr in _LEVELS and _is_logger(function.value)):
        return None
    name = text_of(call.args[0]) if call.args else None
    if name is None or not name.replace("_", "").isalnum():
        return None
    fields = tuple(each.arg for each in call.keywords if each.arg and each.arg != "exc_info")
    return LogEvent(name, "error" if function.attr == "exception" else function.attr, fields, module)


def _is_logger(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        return _last_name(node.func) in ("get_logger", "bind")
    return _last_name(node) in ("log", "_log", "logger", "_logger")


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


def _owner(module: str) -> str:
    parts = module.split(".")
    return (
        parts[1].replace("_", "-")
        if parts[0] == "services"
        else "every service"
        if "runtime" in parts
        else parts[1]
    )
