"""A plot of latency over rate, as SVG. Pure. Both axes are logarithmic, and each system is a line with its name at the end."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from html import escape

WIDTH, HEIGHT = 720, 380
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 150, 20, 48
_COLOURS = ("#2563eb", "#16a34a", "#d97706", "#9333ea")
_LEAST_GAP = 14

Series = Mapping[str, Mapping[int, float]]
"""Milliseconds by rate a minute, by the name of the system."""


def plot(series: Series) -> str:
    """Return the SVG text. Raise ValueError if there is no point."""
    rates = sorted({rate for points in series.values() for rate in points})
    values = [value for points in series.values() for value in points.values()]
    if not values:
        raise ValueError("no rate was measured")
    across = _Axis(rates[0], rates[-1], _LEFT, WIDTH - _RIGHT)
    up = _Axis(min(values), max(values), HEIGHT - _BOTTOM, _TOP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        *_grid(rates, up, across),
        *_lines(series, up, across),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


class _Axis:
    """Places values between two edges. Equal factors have equal distances."""

    def __init__(self, least: float, most: float, begin: float, end: float) -> None:
        self.least, self.most = least, most
        self._low, self._span = math.log(least), max(1e-9, math.log(most / least))
        self._begin, self._length = begin, end - begin

    def at(self, value: float) -> float:
        return round(self._begin + (math.log(value) - self._low) / self._span * self._length, 1)

    def ticks(self) -> Iterator[float]:
        """Yield 1, 2 and 5 of each power of ten."""
        power = 10.0 ** math.floor(math.log10(self.least))
        while power <= self.most:
            yield from (tick for tick in (power, 2 * power, 5 * power) if self.least <= tick <= self.most)
            power *= 10


def _grid(rates: list[int], up: _Axis, across: _Axis) -> Iterator[str]:
    right = WIDTH - _RIGHT
    for tick in up.ticks():
        y = up.at(tick)
        yield f'<line x1="{_LEFT}" x2="{right}" y1="{y}" y2="{y}" stroke="#ddd"/>'
        yield f'<text x="{_LEFT - 6}" y="{y + 4}" text-anchor="end">{tick:g}</text>'
    shown_at = -math.inf
    for rate in rates:
        x = across.at(rate)
        if x - shown_at < 3 * _LEAST_GAP:
            continue
        shown_at = x
        yield f'<text x="{x}" y="{HEIGHT - _BOTTOM + 18}" text-anchor="middle">{rate:,}</text>'
    yield f'<text x="{(_LEFT + right) / 2}" y="{HEIGHT - 8}" text-anchor="middle">executions started a minute</text>'
    yield f'<text transform="translate(16 {HEIGHT / 2}) rotate(-90)" text-anchor="middle">p50, ms</text>'


def _lines(series: Series, up: _Axis, across: _Axis) -> Iterator[str]:
    ends = sorted((up.at(points[max(points)]), name) for name, points in series.items() if points)
    label_at = _spread(ends)
    for (name, points), colour in zip(series.items(), _COLOURS, strict=False):
        if not points:
            continue
        path = " ".join(f"{across.at(rate)},{up.at(points[rate])}" for rate in sorted(points))
        yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
        yield from (
            f'<circle cx="{across.at(rate)}" cy="{up.at(points[rate])}" r="3" fill="{colour}"/>'
            for rate in sorted(points)
        )
        x = across.at(max(points)) + 8
        yield f'<text x="{x}" y="{label_at[name]}" fill="{colour}">{escape(name)}</text>'


def _spread(ends: list[tuple[float, str]]) -> dict[str, float]:
    """Move names apart that would lie upon each other."""
    found: dict[str, float] = {}
    last = -math.inf
    for y, name in ends:
        last = max(y + 4, last + _LEAST_GAP)
        found[name] = last
    return found
