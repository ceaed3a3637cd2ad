"""``core.metric.Publish`` on the worker's own runner."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.attempt import Bench
from tests.support.example import example
from toccata.plugins.families.core.metric import PUBLISH


async def test_the_example_publishes_its_figures(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    ended = await bench.run(PUBLISH, example(PUBLISH), variables={"outputs": {"load": {"size": 12}}})
    assert [(each.kind, each.name, each.value, each.tags) for each in bench.points] == [
        ("counter", "rows", 12, {"table": "orders"}),
        ("timer", "load", 1.5, {}),
    ]
    assert ended.outputs["metrics"][0] == {
        "type": "counter",
        "name": "rows",
        "value": 12,
        "tags": {"table": "orders"},
    }


@pytest.mark.parametrize(
    ("figure", "says"),
    [
        ({"type": "histogram", "name": "x", "value": 1}, "metrics"),
        ({"type": "counter", "name": "x", "value": "many"}, "metrics"),
        ({"type": "counter", "value": 1}, "metrics"),
        ({"type": "timer", "name": "x", "value": "P1"}, "metrics"),
    ],
)
async def test_a_figure_that_is_none_fails(tmp_path: Path, figure: dict[str, Any], says: str) -> None:
    ended = await Bench(tmp_path).run(PUBLISH, {"metrics": [figure]})
    assert ended.outcome == "failed"
    assert says in ended.message


async def test_old_ways_to_write_the_kind_are_understood(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    kinds = ["COUNTER", "io.kestra.plugin.core.metric.TimerMetric", "Gauge"]
    await bench.run(PUBLISH, {"metrics": [{"type": kind, "name": "x", "value": "1"} for kind in kinds]})
    assert [each.kind for each in bench.points] == ["counter", "timer", "gauge"]
