"""Every metric of every service, as the code declares it. ``python -m monitoring.catalog`` writes METRICS.md from it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import services.executor.metrics
import services.indexer.metrics
import services.trigger_listener.metrics
import services.web.metrics
import services.worker.metrics
import toccata.runtime.metrics
import toccata.runtime.processor.metrics
from toccata.runtime.metrics import Metric

PAGE = Path(__file__).with_name("METRICS.md")
_HEAD = """\
# Metrics

Made from the code by `python -m monitoring.catalog`: do not edit. A counter is shown as its name with `_total`, a histogram
as `_bucket`, `_sum` and `_count`.
"""


def metrics_by_service() -> dict[str, tuple[Metric, ...]]:
    """What each page shows, in the order of the code. ``every service`` is on all of them."""
    processor = toccata.runtime.processor.metrics.METRICS
    return {
        "every service": toccata.runtime.metrics.METRICS,
        "web": services.web.metrics.METRICS,
        "trigger-listener": (*services.trigger_listener.metrics.METRICS, *processor),
        "executor": (*services.executor.metrics.METRICS, *processor),
        "worker": services.worker.metrics.METRICS,
        "indexer": services.indexer.metrics.METRICS,
    }


def series() -> dict[str, Metric]:
    """Every name that a query may use, with its metric."""
    return {
        name: metric for found in metrics_by_service().values() for metric in found for name in _shown(metric)
    }


def _shown(metric: Metric) -> list[str]:
    if metric.kind == "counter":
        return [f"{metric.name}_total"]
    if metric.kind == "histogram":
        return [f"{metric.name}_{part}" for part in ("bucket", "sum", "count")]
    return [metric.name]


def page(metrics: Mapping[str, tuple[Metric, ...]]) -> str:
    """The reference as Markdown."""
    return _HEAD + "".join(_section(service, found) for service, found in metrics.items())


def _section(service: str, metrics: tuple[Metric, ...]) -> str:
    rows = "\n".join(_rows(metrics))
    return f"\n## {service.capitalize()}\n\n| name | kind | labels | meaning |\n|---|---|---|---|\n{rows}\n"


def _rows(metrics: tuple[Metric, ...]) -> Iterator[str]:
    for metric in metrics:
        labels = ", ".join(f"`{label}`" for label in metric.labels)
        yield f"| `{metric.name}` | {metric.kind} | {labels} | {metric.meaning} |"


def main() -> int:
    parser = argparse.ArgumentParser(description="Write METRICS.md, or say whether it is old.")
    parser.add_argument("--check", action="store_true", help="change nothing; exit code 1 if it is old")
    check = parser.parse_args().check
    text = page(metrics_by_service())
    if check:
        return 0 if PAGE.read_text() == text else 1
    PAGE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
