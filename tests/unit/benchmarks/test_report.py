"""The table of the comparison: ratios against Restate, and what was not measured."""

from tests.benchmarks.load import Result
from tests.benchmarks.peers.peer import Figures, Step
from tests.benchmarks.peers.report import table


def figures(latency_ms: float, cpu_ms: float, *, sustained: tuple[int, ...] = (1_000,)) -> Figures:
    def step(latency: float) -> Step:
        return Step(Result(1_000, [latency] * 10, 0, 0, 1.0), cpu_ms)

    rates = {rate: step(latency_ms) for rate in sustained}
    return Figures({**rates, 99_000: step(5_000.0)}, [latency_ms / 1000] * 3)


def rows(**measured: Figures) -> dict[str, str]:
    lines = list(table({name.replace("_", " "): each for name, each in measured.items()}))
    return {line.split("|")[1].strip(): line for line in lines}


def test_a_row_has_every_figure_the_goal_and_whether_it_was_reached():
    found = rows(restate=figures(20, 10), toccata=figures(10, 15))
    assert "| 20 ms | 10 ms |" in found["2 steps, 1,000/min: p50"]
    assert "toccata 0.50 ✓" in found["2 steps, 1,000/min: p50"]
    assert "toccata 1.50 ✗" in found["… CPU of an execution, 1,000/min"]
    assert "toccata 0.50 ✓" in found["40 sequential light steps"]


def test_the_most_is_the_highest_rate_that_was_sustained():
    found = rows(restate=figures(20, 10, sustained=(1_000, 4_000)), toccata_dispatched=figures(20, 10))
    assert "| 4,000 /min | 1,000 /min |" in found["most sustained with p99 ≤ 1 s"]
    assert "toccata dispatched 0.25 ✗" in found["most sustained with p99 ≤ 1 s"]


def test_what_was_not_measured_is_a_hyphen():
    found = rows(toccata=figures(10, 15))
    assert found["2 steps, 4,000/min: p50"].split("|")[2].strip() == "-"
    assert "toccata -; toccata dispatched -" in found["2 steps, 1,000/min: p50"]
