"""Every metric of every service, as the code declares it. The reference of metrics is made from it."""

from __future__ import annotations

import services.executor.metrics
import services.indexer.metrics
import services.trigger_listener.metrics
import services.web.metrics
import services.worker.metrics
import toccata.runtime.metrics
import toccata.runtime.processor.metrics
from toccata.runtime.metrics import Metric


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
