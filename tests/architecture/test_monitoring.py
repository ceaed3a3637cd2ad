"""Dashboards and alerts use metrics and labels that exist in the code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import promql_parser
import pytest
import yaml

from monitoring.catalog import metrics_by_service, series
from toccata.runtime.metrics import MetricsPage

FOLDER = Path(__file__).parents[2] / "monitoring"
ADDED = {"job", "instance", "service"}
"""Labels that Prometheus adds to every series, as prometheus.yaml says."""
SERIES = series() | {"up": None}


def _panels() -> list[tuple[str, str]]:
    dashboard = json.loads((FOLDER / "grafana" / "toccata.json").read_text())
    return [(p["title"], t["expr"]) for p in dashboard["panels"] for t in p.get("targets", [])]


def _alerts() -> list[tuple[str, str]]:
    groups = yaml.safe_load((FOLDER / "prometheus" / "alerts.yaml").read_text())["groups"]
    return [(rule["alert"], rule["expr"]) for group in groups for rule in group["rules"]]


QUERIES = [*_panels(), *_alerts()]


def test_a_name_means_one_thing() -> None:
    metrics = {metric for found in metrics_by_service().values() for metric in found}
    assert len({metric.name for metric in metrics}) == len(metrics)
    for metric in metrics:
        assert metric.meaning
        assert metric.name.startswith(("toccata_", "process_"))


@pytest.mark.parametrize(("where", "query"), QUERIES, ids=[where for where, _ in QUERIES])
def test_a_query_names_only_what_the_code_shows(where: str, query: str) -> None:
    found = list(_selectors(promql_parser.parse(query)))
    assert found, where
    for name, labels in found:
        assert name in SERIES, f"{where}: no metric {name}"
        assert labels <= _labels(name), f"{where}: {name} has no label {labels - _labels(name)}"


def test_a_query_with_an_unknown_metric_or_label_would_be_noticed() -> None:
    query = 'sum by (nope) (rate(toccata_inputs_total{processor="x"}[5m])) / sum(toccata_nothing)'
    assert dict(_selectors(promql_parser.parse(query))) == {
        "toccata_inputs_total": {"processor", "nope"},
        "toccata_nothing": set(),
    }


def _labels(name: str) -> set[str]:
    metric = SERIES[name]
    own = set() if metric is None else set(metric.labels)
    return own | ADDED | ({"le"} if name.endswith("_bucket") else set())


def _selectors(query: promql_parser.Expr) -> Iterator[tuple[str, set[str]]]:
    """Yield each metric in the query with its labels, from matchers and from groupings."""
    groups: list[set[str]] = []
    found: list[tuple[str, set[str]]] = []

    def enter(node: promql_parser.Expr) -> None:
        if isinstance(node, promql_parser.AggregateExpr):
            groups.append(set(node.modifier.labels) if node.modifier is not None else set())
        selector = getattr(node, "vector_selector", node)
        if isinstance(selector, promql_parser.VectorSelector):
            labels = {matcher.name for matcher in selector.matchers.matchers}
            # The innermost grouping counts. Outer ones group its result.
            found.append((str(selector.name), labels | (groups[-1] if groups else set())))

    def leave(node: promql_parser.Expr) -> None:
        if isinstance(node, promql_parser.AggregateExpr):
            groups.pop()

    promql_parser.walk(query, enter, leave)
    yield from found


def test_every_file_parses_and_names_the_others() -> None:
    prometheus = yaml.safe_load((FOLDER / "prometheus" / "prometheus.yaml").read_text())
    assert prometheus["rule_files"] == ["alerts.yaml"]
    static, _ = prometheus["scrape_configs"]
    compose = yaml.safe_load((FOLDER.parent / "compose.yaml").read_text())["services"]
    for target in static["static_configs"]:
        (address,) = target["targets"]
        assert address.partition(":")[0] == target["labels"]["service"]
        assert target["labels"]["service"] in compose
    for _, rule in _alerts():
        assert rule


async def test_a_gauge_whose_labels_users_name_shows_the_largest_and_the_others_as_one() -> None:
    service = MetricsPage("test")
    metric = next(m for m in metrics_by_service()["executor"] if m.name == "toccata_dispatch_queue")
    service.read(metric, lambda: [((f"g{number}",), number) for number in range(150)])
    text = (await service.render({})).decode()
    lines = [line for line in text.splitlines() if line.startswith("toccata_dispatch_queue{")]
    assert len(lines) == 101
    assert 'toccata_dispatch_queue{group="(others)"} 1225.0' in lines
    assert 'toccata_dispatch_queue{group="g149"} 149.0' in lines
