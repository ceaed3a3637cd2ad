"""Turns requests into start commands. The time and every random part are arguments. Nothing here sends."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from contracts.execution import MOST_BREAKPOINTS, StartExecution, TriggerRef
from contracts.language.flow.trigger_start import TriggerStart
from contracts.scalars import JsonObject, Millis, base62, derive_id, to_millis
from services.web.core.instant import parse_instant
from services.web.core.parameter import flag, whole_number
from services.web.core.problem import Problem, bad_request, invalid_argument

CORRELATION = "system.correlationId"
ORIGIN = "system.from"
FROM_PAGE = (ORIGIN, "ui")
Kind = Literal["NORMAL", "TEST", "PLAYGROUND"]
MAX_IDEMPOTENCY_KEY = 256
_BREAKPOINT = re.compile(r"[^\x00-\x1f]{1,1000}")


@dataclass(frozen=True, slots=True)
class StartOptions:
    """The options in the query string of an execute call."""

    labels: dict[str, str] = field(default_factory=dict)
    wait: bool = False
    revision: int | None = None
    scheduled_at: Millis | None = None
    kind: Kind = "NORMAL"
    breakpoints: tuple[str, ...] = ()
    """Tasks before which it stops, as `task` or `task.value`."""


def start_options(items: Iterable[tuple[str, str]]) -> StartOptions:
    """Raises Problem."""
    labels: list[str] = []
    single: dict[str, str] = {}
    for name, value in items:
        if name == "labels":
            labels.append(value)
        else:
            single[name] = value
    kind = single.get("kind", "NORMAL").upper()
    if kind not in {"NORMAL", "TEST", "PLAYGROUND"}:
        raise bad_request(f"unknown kind '{kind[:40]}'")
    return StartOptions(
        labels=parse_labels(labels),
        wait=flag(single.get("wait"), name="wait"),
        revision=whole_number(single.get("revision"), name="revision"),
        scheduled_at=_instant(single.get("scheduleDate")),
        kind=kind,  # type: ignore[arg-type]  # checked above
        breakpoints=tuple(breakpoints(single.get("breakpoints"))),
    )


def breakpoints(text: str | None) -> list[str]:
    """Read what stands between commas. Raises Problem."""
    found = [part.strip() for part in (text or "").split(",") if part.strip()]
    if len(found) > MOST_BREAKPOINTS:
        raise bad_request(f"an execution has at most {MOST_BREAKPOINTS} breakpoints")
    if not all(map(_BREAKPOINT.fullmatch, found)):
        raise bad_request("a breakpoint is `task` or `task.value`, with at most 1000 characters in one line")
    return found


def parse_labels(texts: Sequence[str]) -> dict[str, str]:
    """Read labels, each ``key:value``. Of those of the system, a caller may give the correlation id, and say that it is the page."""
    labels: dict[str, str] = {}
    for text in texts:
        key, colon, value = text.partition(":")
        if not colon or not key:
            raise Problem(
                422, "invalid-argument", "Unprocessable Entity: Can't split the queryString parameter by ':'"
            )
        if key.startswith("system.") and key != CORRELATION and (key, value) != FROM_PAGE:
            raise invalid_argument(
                f"System labels can only be set by Kestra itself, offending label: {key}={value}"
            )
        labels.setdefault(key, value)
    return labels


def _instant(text: str | None) -> Millis | None:
    if not text:
        return None
    found = parse_instant(text)
    if found is None:
        raise bad_request(f"`scheduleDate` is not an ISO 8601 date: {text[:60]}")
    return to_millis(found)


def execution_id(random: int, idempotency_key: str | None, namespace: str, flow_id: str) -> str:
    """The same idempotency key gives the same id, so that a repeated request starts nothing new."""
    if idempotency_key is None:
        return base62(random)
    if not idempotency_key or len(idempotency_key) > MAX_IDEMPOTENCY_KEY:
        raise bad_request(f"`Idempotency-Key` must have 1 to {MAX_IDEMPOTENCY_KEY} characters")
    return derive_id("http", namespace, flow_id, idempotency_key)


@dataclass(frozen=True, slots=True)
class Target:
    """The execution to start: a flow in one revision, under an id, at an instant."""

    namespace: str
    flow_id: str
    execution_id: str
    at: Millis
    flows_position: int
    revision: int | None = None
    trace_parent: str | None = None


def start_by_hand(
    target: Target, inputs: JsonObject, options: StartOptions, failure: str = ""
) -> StartExecution:
    """``failure``: the execution is created, and fails with this reason."""
    return StartExecution(
        execution_id=target.execution_id,
        namespace=target.namespace,
        flow_id=target.flow_id,
        at=target.at,
        revision=target.revision,
        inputs=inputs,
        labels={**options.labels, ORIGIN: options.labels.get(ORIGIN, "api")}
        | _correlation(options.labels, target.execution_id),
        flows_position=target.flows_position,
        scheduled_at=options.scheduled_at,
        kind=options.kind,
        breakpoints=list(options.breakpoints),
        trace_parent=target.trace_parent,
        failure=failure,
    )


def start_by_webhook(target: Target, trigger: TriggerRef, start: TriggerStart) -> StartExecution:
    return StartExecution(
        execution_id=target.execution_id,
        namespace=target.namespace,
        flow_id=target.flow_id,
        at=target.at,
        revision=target.revision,
        inputs=start.inputs,
        labels={**start.labels, ORIGIN: "trigger", CORRELATION: target.execution_id},
        trigger=trigger,
        flows_position=target.flows_position,
        trace_parent=target.trace_parent,
    )


def _correlation(labels: dict[str, str], own: str) -> dict[str, str]:
    return {CORRELATION: labels.get(CORRELATION, own)}
