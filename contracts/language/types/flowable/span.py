"""Lengths of time that a flowable waits: written as a duration, or as an expression that gives one."""

from __future__ import annotations

from datetime import timedelta
from typing import TypeAlias

from contracts.language.expression.template import Template, compile_template
from contracts.language.types.behaviour import Rendering, RenderingFailed
from contracts.language.types.duration import parse_duration

Span: TypeAlias = timedelta | Template


def span_of(written: timedelta | str | None) -> Span | None:
    return compile_template(written) if isinstance(written, str) else written


def milliseconds_of(span: Span, rendering: Rendering) -> int:
    """Return at least 0. Raise RenderingFailed if an expression does not give a duration."""
    if not isinstance(span, timedelta):
        try:
            span = parse_duration(rendering.text(span).strip())
        except ValueError as error:
            raise RenderingFailed(str(error)) from error
    return max(0, round(span / timedelta(milliseconds=1)))
