"""``core.flow.Loop``: its tasks run once for each value, each time as an execution of their own that no search shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec
from pydantic import BaseModel, BeforeValidator

from contracts.json_text import NotJson, dumps, loads
from contracts.language.expression.template import Template, compile_template, is_truthy
from contracts.language.types.behaviour import ChildEnd, Opening, Rendering, RenderingFailed, Result
from contracts.language.types.declaration import TAIL, Children, FlowableType, Slot
from contracts.language.types.flowable.each import bounded
from contracts.language.types.flowable.limit import Limit, rendered
from contracts.language.types.flowable.sequential import following
from contracts.language.types.property import Properties, dynamic, static, upper
from contracts.language.types.span import Values, span_of
from contracts.scalars import JsonObject
from contracts.states import State

_BAD = frozenset({State.FAILED, State.KILLED, State.CANCELLED})
STORAGE = "kestra://"
ROWS = compile_template("{{ fromIon(read(file), allRows=true) | toJson }}")
"""Only a worker reads files."""


class LoopOutput(Properties):
    """An output of each iteration."""

    id: str
    type: str
    value: Any
    display_name: str | None = None
    description: str | None = None
    required: bool = True
    item_type: str | None = None


class Loop(Properties):
    """Runs its tasks once for each value. They read it as `item.value`, its number as `item.index` and the key of a map as
    `item.key`; `item.parent` is the item of the loop around it, and `item.parents` has those of all loops around it, the outermost
    first. Texts are taken as they are, anything else as its JSON. If `values` is the URI of a file in internal storage, each of its
    ION values is one.

    An iteration is an execution of its own, which no search shows. It has the inputs, the variables and the outputs of before. Only
    its declared `outputs` are seen outside. `errors` and `finally` belong to each iteration."""

    values: list[Any] | dict[str, Any] | str = dynamic(
        doc="a list, a map, an expression that gives a JSON array or object, or the URI of an ION file"
    )
    concurrency_limit: Limit = dynamic(0, doc="most values at once; 0 = all")
    transmit_failed: bool = static(
        default=True, doc="whether an iteration that fails ends and fails the loop"
    )
    outputs: list[LoopOutput] = dynamic(
        default_factory=list, doc="what is kept of each iteration, rendered at its end"
    )
    fetch_type: Annotated[Literal["AUTO", "FETCH", "STORE"], BeforeValidator(upper)] = static(
        "AUTO",
        doc="FETCH keeps outputs with the task run. STORE writes those of each iteration to an ION file and keeps its `uri`. "
        "AUTO: STORE if the values come from a file",
    )
    break_when: str | None = dynamic(
        None, doc="rendered after each iteration, with `item` and `iteration`; true ends the loop"
    )


class LoopOutputs(BaseModel):
    iterationCount: int  # noqa: N815 - as expressions write it
    runningIterations: int  # noqa: N815
    terminatedIterations: dict[str, int]  # noqa: N815
    """Numbers of iterations by their final state."""
    outputs: list[JsonObject]
    """For each iteration `item` (`value`, `iteration`, `key`) and its `outputs`, in the order of their ends."""


class Item(msgspec.Struct, frozen=True, array_like=True):
    """What an iteration runs for. The loop's values are these, encoded."""

    value: str
    key: str | None = None
    """Of a map."""
    from_file: bool = False


_AROUND = ('["', '"]')
"""What encoding puts around an integer."""


def loop_item(encoded: str) -> Item:
    return msgspec.json.decode(encoded, type=Item)


def _encoded(item: Item) -> str:
    """Leave out what is not there: values are kept with the execution, and there may be many."""
    parts = [item.value, item.key, item.from_file]
    shown = parts if item.from_file else parts[: 1 if item.key is None else 2]
    return msgspec.json.encode(shown).decode()


@dataclass(frozen=True, slots=True)
class Compiled:
    values: Template | list[Any] | Mapping[str, Any]
    limit: int | str
    transmits: bool
    outputs: Sequence[LoopOutput]
    breaks: Template | None
    fetch_type: str = "FETCH"


def compiled(properties: Loop) -> Compiled:
    values, breaks = properties.values, properties.break_when
    return Compiled(
        compile_template(values) if isinstance(values, str) else values,
        properties.concurrency_limit,
        properties.transmit_failed,
        properties.outputs,
        compile_template(breaks) if breaks is not None else None,
        properties.fetch_type,
    )


def opening(compiled: Compiled, rendering: Rendering) -> Opening:
    values = _span(compiled.values, rendering)
    if values is None:
        values = bounded([_encoded(item) for item in _items(compiled, rendering)])
    return Opening(values=values, limit=rendered(compiled.limit, rendering))


def _span(written: Template | list[Any] | Mapping[str, Any], rendering: Rendering) -> Values | None:
    """Return the values of a range of integers, encoded as all are."""
    found = rendering.integers(written) if isinstance(written, Template) else None
    return span_of(found, *_AROUND) if found is not None else None


def _items(compiled: Compiled, rendering: Rendering) -> list[Item]:
    written = compiled.values
    if isinstance(written, (list, Mapping)):
        return _of_value(rendering.nested(written))
    text = rendering.text(written)
    if text.strip().startswith(STORAGE):
        rows = rendering.with_variables({"file": text.strip()}).text(ROWS)
        return [Item(item.value, from_file=True) for item in _of_value(loads(rows))]
    try:
        return _of_value(loads(text))
    except NotJson as error:
        raise RenderingFailed(
            f"The values are neither a JSON array nor an object nor the URI of a file ({STORAGE}…): {error}"
        ) from error


def _of_value(found: Any) -> list[Item]:
    if isinstance(found, Mapping):
        pairs: list[tuple[str | None, Any]] = [(str(key), value) for key, value in found.items()]
    elif isinstance(found, list):
        pairs = [(None, value) for value in found]
    else:
        raise RenderingFailed(f"The values are neither a JSON array nor an object but {type(found).__name__}")
    if any(value is None for _, value in pairs):
        shown = dumps([value for _, value in pairs]).decode()
        raise RenderingFailed(f"Found a null value inside the iteration values: {shown[:1000]}")
    return [Item(_text(value), key) for key, value in pairs]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else dumps(value).decode()


def pauses(compiled: Compiled) -> bool:  # noqa: ARG001 - one signature for all kinds
    return True


def limit(compiled: Compiled) -> int:
    return compiled.limit if isinstance(compiled.limit, int) else 0


def stops_others(compiled: Compiled, end: ChildEnd) -> bool:
    return compiled.transmits and end.state in _BAD


def stops(compiled: Compiled, rendering: Rendering, end: ChildEnd) -> bool:  # noqa: ARG001 - the rendering shows it
    return compiled.breaks is not None and is_truthy(rendering.text(compiled.breaks).strip())


def result(compiled: Compiled, rendering: Rendering, ends: Sequence[ChildEnd], total: int) -> Result:  # noqa: ARG001 - one signature
    states = Counter(end.state.value for end in ends)
    state = State.SUCCESS
    if compiled.transmits:
        failed = _BAD.intersection(end.state for end in ends)
        if failed:
            state = State.FAILED
        elif State.WARNING.value in states:
            state = State.WARNING
    outputs: JsonObject = {
        "iterationCount": total,
        "runningIterations": 0,
        "terminatedIterations": dict(states),
        "outputs": [_kept(end) for end in ends] if compiled.outputs else [],
    }
    return Result(state, outputs)


def _kept(end: ChildEnd) -> JsonObject:
    found = loop_item(end.value)
    item: JsonObject = {"value": found.value, "iteration": end.index}
    if found.key is not None:
        item["key"] = found.key
    return {"item": item, "outputs": end.outputs}


def stores(compiled: Compiled, value: str) -> bool:
    if not compiled.outputs or compiled.fetch_type == "FETCH":
        return False
    return compiled.fetch_type == "STORE" or loop_item(value).from_file


LOOP: FlowableType[Compiled] = FlowableType(
    name="io.kestra.plugin.core.flow.Loop",
    title="Run tasks for each value, each time as an execution of their own",
    properties=Loop,
    outputs=LoopOutputs,
    examples=(
        """id: sizes
type: io.kestra.plugin.core.flow.Loop
values: [one, two]
concurrencyLimit: 1
outputs:
  - id: size
    type: INT
    value: "{{ outputs.measure.value }}"
tasks:
  - id: measure
    type: io.kestra.plugin.core.debug.Return
    format: "{{ item.value | length }}\"""",
    ),
    slots={"tasks": Slot(required=True), **TAIL},
    compile=compiled,
    opening=opening,
    following=following,
    children=Children(
        result=result, limit=limit, stops=stops, stops_others=stops_others, pauses=pauses, stores=stores
    ),
)
