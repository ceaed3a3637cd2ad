"""The pages of metrics and log events, from the source that emits them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from docs.generate.source import ROOT, calls, modules, text_of
from docs.generate.table import Pages, code, page, sentence, table
from monitoring.catalog import metrics_by_service
from toccata.runtime.metrics import Metric

METRICS = """
Every metric of Toccata itself. Prometheus reads them from the health port of each service, at `/prometheus`.
A histogram also has the series `_bucket`, `_sum` and `_count`.
[Monitoring](../guides/operations.md#monitoring) says which of them to watch.
"""
ALERT_RULES = """
The file `monitoring/prometheus/alerts.yaml` in the repository has these rules as an example.
"""
EVENTS = """
Every line in a service's log is JSON. Its field `event` has the name of the event.
This page lists all names with their fields. Every line also has `timestamp`, `level` and `service`.
`info` is for later reading, a `warning` usually passes by itself, an `error` needs a person.
"""
ALERTS = ROOT / "monitoring" / "prometheus" / "alerts.yaml"
_LABEL = re.compile(r"\{\{ \$(?:labels\.)?(\w+) \}\}")
_LEVELS = ("debug", "info", "warning", "error", "critical", "exception")
_LOGS = re.compile(rf"\.(?:{'|'.join(_LEVELS)})\(")
"""Only modules that match need to be parsed."""


@dataclass(frozen=True, slots=True)
class LogEvent:
    name: str
    level: str
    fields: tuple[str, ...]
    module: str


def alerts() -> list[dict[str, Any]]:
    """The example alert rules."""
    rules = yaml.safe_load(ALERTS.read_text(encoding="utf-8"))
    return [rule for group in rules["groups"] for rule in group["rules"]]


def log_events() -> list[LogEvent]:
    logging = [name for name, path in modules().items() if _LOGS.search(path.read_text(encoding="utf-8"))]
    found = [event for name in logging for call in calls(name) for event in _events(call, name)]
    return sorted(found, key=lambda each: (each.name, each.module))


def pages() -> Pages:
    metrics = [part for service, found in metrics_by_service().items() for part in _metrics(service, found)]
    logged = dict.fromkeys(
        (code(each.name), each.level, ", ".join(map(code, each.fields)), _owner(each.module))
        for each in log_events()
    )
    return {
        "reference/metrics.md": page("Metrics", METRICS, *metrics, *_alerts()),
        "reference/log-events.md": page(
            "Log events", EVENTS, table(("event", "level", "fields", "from"), logged)
        ),
    }


def _metrics(service: str, found: Iterable[Metric]) -> list[str]:
    rows = [
        (
            code(each.name + "_total" * (each.kind == "counter")),
            each.kind,
            ", ".join(map(code, each.labels)),
            sentence(each.meaning),
        )
        for each in found
    ]
    return [f"## {service[0].upper()}{service[1:]}", table(("metric", "kind", "labels", "meaning"), rows)]


def _alerts() -> list[str]:
    rows = [
        (
            code(rule["alert"]),
            sentence(_LABEL.sub(r"*\1*", rule["annotations"]["summary"])),
            sentence(rule["annotations"]["description"]),
        )
        for rule in alerts()
    ]
    return ["## Alert rules {#alerts}", ALERT_RULES, table(("alert", "says", "what to do"), rows)]


def _events(call: ast.Call, module: str) -> Iterator[LogEvent]:
    function = call.func
    if not (isinstance(function, ast.Attribute) and function.attr in _LEVELS and _is_logger(function.value)):
        return
    level = "error" if function.attr == "exception" else function.attr
    fields = tuple(each.arg for each in call.keywords if each.arg and each.arg != "exc_info")
    for name in _names(call.args[0]) if call.args else ():
        if name.replace("_", "").isalnum():
            yield LogEvent(name, level, fields, module)


def _names(node: ast.expr) -> Iterator[str]:
    """One name, or both names of a conditional expression."""
    if isinstance(node, ast.IfExp):
        yield from _names(node.body)
        yield from _names(node.orelse)
    elif (text := text_of(node)) is not None:
        yield text


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
