"""``core.flow.ForEach``: the body in sequence for each value, ``concurrencyLimit`` values at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from contracts.json_text import NotJson, dumps, loads
from contracts.language.expression.template import Template, compile_template
from contracts.language.types.behaviour import Group, N, Next, Opening, Rendering, RenderingFailed
from contracts.language.types.declaration import TAIL, FlowableType, Slot
from contracts.language.types.flowable.limit import Limit, most, rendered
from contracts.language.types.input.value import text_of
from contracts.language.types.property import Properties, dynamic
from contracts.language.types.span import Values, noticed, span_of

_SHOWN = 1_000
"""Characters of the values in a message."""
VALUES_CHARS = 1_000_000
"""All values of one loop. No limit for integers at equal distances: their bounds are enough."""


class ForEach(Properties):
    """Runs its tasks once for each value. They read it as `taskrun.value`, and its number as `taskrun.iteration`.

    Values are taken as text, anything else as its JSON; of equal ones only the first runs."""

    values: list[object] | str = dynamic(doc="a list, or an expression that gives a JSON array or object")
    concurrency_limit: Limit = dynamic(1, doc="most values at once; 0 = all")


@dataclass(frozen=True, slots=True)
class Each:
    values: Template | list[object]
    """The expression, or the elements as written."""
    limit: int | str


def compiled(properties: ForEach) -> Each:
    return each_of(properties.values, properties.concurrency_limit)


def each_of(values: list[object] | str, limit: int | str) -> Each:
    return Each(compile_template(values) if isinstance(values, str) else values, limit)


def opening(compiled: Each, rendering: Rendering) -> Opening:
    return Opening(values=_values(compiled.values, rendering), limit=rendered(compiled.limit, rendering))


def _values(written: Template | list[object], rendering: Rendering) -> Values:
    if isinstance(written, Template):
        found = rendering.integers(written)
        span = span_of(found) if found is not None else None
        if span is not None:
            return span
    values = _resolve(written, rendering)
    found = noticed(values)
    return (span_of(found) if found is not None else None) or bounded(as_texts(values))


def bounded(values: list[str]) -> list[str]:
    """Return the values. Raise RenderingFailed if a loop cannot keep them."""
    size = sum(map(len, values))
    if size > VALUES_CHARS:
        raise RenderingFailed(
            f"The values of the loop have {size:,} characters, but the limit is {VALUES_CHARS:,}. Run over a range and read each "
            "value in the loop, or write them to a file and use ForEachItem"
        )
    return values


def following(compiled: Each, group: Group, main: tuple[N, ...]) -> Next[N] | None:
    loop = group.loop
    assert loop is not None
    if loop.waiting:
        iteration, step = next(iter(loop.waiting.items()))
        return Next(main[step], loop.values[iteration], iteration)
    limit = most(compiled.limit, group)
    if main and loop.begun < len(loop.values) and (not limit or loop.open < limit):
        return Next(main[0], loop.values[loop.begun], loop.begun)
    return None


def in_order(compiled: Each) -> bool:
    return compiled.limit == 1


def _resolve(written: Template | list[object], rendering: Rendering) -> list[Any]:
    """A text is rendered, then read as JSON; in a list each text is rendered, nested ones too."""
    if isinstance(written, list):
        return list(rendering.nested(written))
    text = rendering.text(written)
    try:
        found = loads(text)
    except NotJson as error:
        raise RenderingFailed(f"The values are not a JSON array: {error}") from error
    if isinstance(found, dict):
        return [{"key": key, "value": value} for key, value in found.items()]
    if not isinstance(found, list):
        raise RenderingFailed(f"The values are not a JSON array but {type(found).__name__}")
    return found


def as_texts(values: list[Any]) -> list[str]:
    """Texts stay, the rest becomes JSON; of duplicates the first is kept."""
    nulls = sum(value is None for value in values)
    if nulls:
        raise RenderingFailed(f"Found '{nulls}' null values on Each, with values={_shown(values)[:_SHOWN]}")
    texts = (value if isinstance(value, str) else dumps(value).decode() for value in values)
    return list(dict.fromkeys(texts))


def _shown(value: Any) -> str:
    """Print as Kestra's message does: texts without quotes, maps as ``{key=value}``."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={_shown(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_shown, value)) + "]"
    return text_of(value)


FOR_EACH = FlowableType(
    name="io.kestra.plugin.core.flow.ForEach",
    title="Run tasks for each value",
    properties=ForEach,
    deprecated_by="io.kestra.plugin.core.flow.Loop",
    examples=(
        """id: for_each_city
type: io.kestra.plugin.core.flow.ForEach
values: [Berlin, Paris]
concurrencyLimit: 2
tasks:
  - id: greet
    type: io.kestra.plugin.core.log.Log
    message: Hello, {{ taskrun.value }}!""",
    ),
    slots={"tasks": Slot(required=True), **TAIL},
    compile=compiled,
    opening=opening,
    following=following,
    in_order=in_order,
)
