"""The table: a row for each goal, our figure, the rival's, and the ratio. Pure."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Mapping

from tests.benchmarks.peers.peer import Figures

PURE, DISPATCHED, RESTATE = "toccata", "toccata dispatched", "restate"
Figure = Callable[[Figures], float | None]


def table(figures: Mapping[str, Figures]) -> Iterator[str]:
    """Systems that were not measured, and rates that were not reached, show a hyphen."""
    names = list(figures)
    yield "| work | " + " | ".join(names) + " | goal: ours / Restate's | reached |"
    yield "|---" * (len(names) + 3) + "|"
    for what, figure, unit, goals in _rows():
        shown = [_text(figure(figures[name]), unit) for name in names]
        reached = "; ".join(_reached(figures, figure, name, goal) for name, goal in goals.items())
        wanted = "; ".join(f"{name} {sign} {goal}" for name, (sign, goal) in goals.items())
        yield f"| {what} | {' | '.join(shown)} | {wanted} | {reached} |"


def medians(figures: Mapping[str, Figures]) -> dict[str, dict[int, float]]:
    """Return p50 in milliseconds by rate, of the rates that were sustained."""
    return {
        name: {rate: step.result.at(0.5) for rate, step in each.steps.items() if step.sustained}
        for name, each in figures.items()
    }


Goal = tuple[str, float]


def _rows() -> Iterator[tuple[str, Figure, str, dict[str, Goal]]]:
    for rate in (1_000, 4_000):
        goals: dict[str, Goal] = {PURE: ("≤", 0.7), DISPATCHED: ("≤", 1.5)}
        yield f"2 steps, {rate:,}/min: p50", _percentile(rate, 0.5), "ms", goals
        yield f"2 steps, {rate:,}/min: p99", _percentile(rate, 0.99), "ms", goals
        yield f"… CPU of an execution, {rate:,}/min", _cpu(rate), "ms", {PURE: ("≤", 1), DISPATCHED: ("≤", 2)}
    yield "most sustained with p99 ≤ 1 s", lambda each: each.most or None, "/min", {DISPATCHED: ("≥", 1)}
    yield "40 sequential light steps", _sequence, "s", {PURE: ("≤", 0.7), DISPATCHED: ("≤", 2)}


def _percentile(rate: int, share: float) -> Figure:
    def figure(each: Figures) -> float | None:
        step = each.steps.get(rate)
        return step.result.at(share) if step is not None and step.result.latencies_ms else None

    return figure


def _cpu(rate: int) -> Figure:
    def figure(each: Figures) -> float | None:
        step = each.steps.get(rate)
        return step.cpu_ms if step is not None else None

    return figure


def _sequence(each: Figures) -> float | None:
    return statistics.median(each.sequence_seconds) if each.sequence_seconds else None


def _text(value: float | None, unit: str) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f} {unit}" if value >= 100 else f"{value:.3g} {unit}"


def _reached(figures: Mapping[str, Figures], figure: Figure, name: str, goal: Goal) -> str:
    ours = figure(figures[name]) if name in figures else None
    theirs = figure(figures[RESTATE]) if RESTATE in figures else None
    if ours is None or not theirs:
        return f"{name} -"
    ratio, (sign, wanted) = ours / theirs, goal
    kept = ratio <= wanted if sign == "≤" else ratio >= wanted
    return f"{name} {ratio:.2f} {'✓' if kept else '✗'}"
