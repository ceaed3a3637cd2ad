"""A trigger that is polled, as the machine reads it from its definition."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from contracts.codec import encode
from contracts.json_text import loads
from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.presence import condition_source
from contracts.language.expression.template import compile_template
from contracts.language.flow.reader import TRIGGER_KEYS
from contracts.language.flow.trigger_start import StartTemplates, label_map
from contracts.language.types.duration import parse_duration
from contracts.scalars import JsonObject, Millis

DEFAULT_INTERVAL = "PT60S"
SHORTEST_MS = 1_000
"""A shorter interval counts as this."""
_GROUP_CHARS = 200
_OF_THE_ATTEMPT = ("logLevel",)


def nothing(trigger_type: str) -> bool:  # noqa: ARG001 - one signature
    return False


@dataclass(frozen=True, slots=True)
class PollSettings:
    """What the machine must be told about polls."""

    polled: Callable[[str], bool] = nothing
    """Whether triggers of a type are polled, or subscribed to."""
    group: str = "default"
    """The workers that poll for triggers which name no group."""
    timeout_ms: Millis = 600_000
    """The limit of one poll, from its beginning on a worker, and again of what is not heard of at all."""
    subscribed: Callable[[str], bool] = nothing
    """Whether a poll for a type waits for events. Then there is always one out."""


NO_POLLS = PollSettings()


class InvalidPolling(ValueError):
    """The definition can never be polled. The text says why."""


@dataclass(frozen=True, slots=True)
class Polling:
    interval_ms: Millis
    before: StartTemplates
    """The conditions that do not read what is found. They decide whether the source is asked at all."""
    after: StartTemplates
    """The other conditions, with what starts."""
    allow_concurrent: bool
    stop_after: tuple[str, ...]
    fail_on_error: bool
    group: str
    """Empty: the trigger names none."""
    task: bytes
    """What a worker needs, as JSON: ``{properties, logLevel …}``."""


def read_polling(definition: bytes) -> Polling | None:
    """Return None for a definition that cannot be polled."""
    try:
        return parse_polling(definition)
    except InvalidPolling:
        return None


@lru_cache(maxsize=4_096)
def parse_polling(definition: bytes) -> Polling:
    """Parse the JSON of a definition, which takes bounded memory for any number of triggers. Raise InvalidPolling."""
    written: JsonObject = loads(definition)
    stop_after = written.get("stopAfter") or ()
    if not isinstance(stop_after, list | tuple):
        raise InvalidPolling("`stopAfter` must be a list of states")
    before, after = _conditions(written)
    properties = {name: value for name, value in written.items() if name not in TRIGGER_KEYS}
    of_the_attempt = {name: written[name] for name in _OF_THE_ATTEMPT if name in written}
    return Polling(
        interval_ms=_interval(written.get("interval", DEFAULT_INTERVAL)),
        before=before,
        after=replace(after, inputs=written.get("inputs") or {}, labels=label_map(written.get("labels"))),
        allow_concurrent=written.get("allowConcurrent") is True,
        stop_after=tuple(stop_after),
        fail_on_error=written.get("failOnTriggerError") is True,
        group=_group(written.get("workerGroup")),
        task=encode({"properties": properties, **of_the_attempt}),
    )


def _interval(written: Any) -> Millis:
    try:
        interval = round(parse_duration(str(written)).total_seconds() * 1000)
    except ValueError as error:
        raise InvalidPolling(f"`interval`: {error}") from error
    if interval <= 0:
        raise InvalidPolling(f"`interval` must be longer than zero, not {written}")
    return max(interval, SHORTEST_MS)


def _group(written: Any) -> str:
    key = written.get("key") if isinstance(written, dict) else None
    if key is None:
        return ""
    if not isinstance(key, str) or not 0 < len(key) <= _GROUP_CHARS or not key.isprintable() or "{" in key:
        raise InvalidPolling(
            "`workerGroup.key` of a trigger must be the name of a worker group, without expressions"
        )
    return key


def _conditions(written: JsonObject) -> tuple[StartTemplates, StartTemplates]:
    conditions = [each for each in written.get("conditions") or () if isinstance(each, dict)]
    early = tuple(each for each in conditions if not _reads_found(each))
    late = tuple(each for each in conditions if _reads_found(each))
    when = written.get("when")
    when = None if when is None else str(when)
    if _reads_trigger(when):
        return StartTemplates(None, early), StartTemplates(when, late)
    return StartTemplates(when, early), StartTemplates(None, late)


def _reads_found(condition: JsonObject) -> bool:
    """Return whether a condition, or one that it joins, may read what was found. One about a date has that of the poll."""
    below = [each for each in condition.get("conditions") or () if isinstance(each, dict)]
    return _reads_trigger(condition.get("expression")) or any(map(_reads_found, below))


def _reads_trigger(text: Any) -> bool:
    """Return whether a condition may read what was found. One that does not compile fails before anything is asked."""
    if not isinstance(text, str):
        return False
    try:
        template = compile_template(condition_source(text))
    except (ExpressionError, RecursionError):
        return False
    return template.whole or "trigger" in template.names
