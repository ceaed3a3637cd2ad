"""The page that a process shows to Prometheus, whatever its users call their flows."""

from __future__ import annotations

import asyncio

from prometheus_client.parser import text_string_to_metric_families

from toccata.runtime.metrics import MOST_SERIES, OTHERS, Metric, MetricsPage

SEEN = Metric("tests_open", "gauge", "something that flows have", ("flow",))


def _series(page: MetricsPage) -> dict[str, float]:
    text = asyncio.run(page.render({})).decode()
    family = next(each for each in text_string_to_metric_families(text) if each.name == SEEN.name)
    return {sample.labels["flow"]: sample.value for sample in family.samples}


def test_users_cannot_make_series_without_end() -> None:
    page = MetricsPage("tests")
    page.read(SEEN, lambda: [((f"flow-{number}",), float(number)) for number in range(MOST_SERIES + 50)])
    series = _series(page)
    assert len(series) == MOST_SERIES + 1
    assert series[OTHERS] == sum(range(50))
    assert "flow-49" not in series
    assert series[f"flow-{MOST_SERIES + 49}"] == MOST_SERIES + 49


def test_a_name_with_quotes_and_line_ends_stays_one_label() -> None:
    page = MetricsPage("tests")
    name = 'a"} 1\ntests_forged{x="\\'
    page.read(SEEN, lambda: [((name,), 3.0)])
    assert _series(page) == {name: 3.0}


def test_what_several_readers_say_of_one_label_is_added_up() -> None:
    page = MetricsPage("tests")
    page.read(SEEN, lambda: [(("a",), 1.0)])
    page.read(SEEN, lambda: [(("a",), 2.0), (("b",), 5.0)])
    assert _series(page) == {"a": 3.0, "b": 5.0}
