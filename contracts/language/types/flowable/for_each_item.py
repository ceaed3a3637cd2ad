"""``core.flow.ForEachItem``: another flow runs once for each batch of lines of a file.

It consists of three tasks that the engine makes: one splits the file, one runs the flows, one joins their outputs. The first and
the last run on a worker (``toccata/plugins/families/core/for_each_item.py``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from pydantic import BaseModel

from contracts.language.expression.template import Template, compile_template
from contracts.language.types.behaviour import (
    STORED_BYTES,
    ChildEnd,
    ChildFlow,
    Opening,
    Rendering,
    RenderingFailed,
    Result,
)
from contracts.language.types.declaration import TAIL, Children, FlowableType
from contracts.language.types.flowable import subflow
from contracts.language.types.flowable.sequential import following
from contracts.language.types.flowable.sequential import opening as begin
from contracts.language.types.property import Properties, dynamic
from contracts.scalars import JsonObject
from contracts.states import State

NAME = "io.kestra.plugin.core.flow.ForEachItem"
SPLIT, ITEMS, MERGE = (
    f"{NAME}${part}" for part in ("ForEachItemSplit", "ForEachItemExecutable", "ForEachItemMergeOutputs")
)
"""The types of its tasks."""
INDEX = "{index}"
"""Stands for the number of a batch in the address that all batches share."""
MOST_BATCHES = 100_000
_WORST_FIRST = (State.FAILED, State.KILLED, State.CANCELLED, State.WARNING)


class Batch(Properties):
    """How the file is split. One of `rows`, `bytes` and `partitions`; without them, each line is a batch."""

    rows: int | str | None = dynamic(None, doc="lines of a batch (1)")
    bytes_: str | None = dynamic(None, doc="most bytes of a batch, such as `10MB`", alias="bytes")
    partitions: int | str | None = dynamic(None, doc="number of batches, which get lines in turn")
    separator: str = dynamic("\n", doc="what ends a line")


class ForEachItem(subflow.Call):
    """Runs another flow once for each batch of lines of a file in internal storage, all at once; a `concurrency` of that flow limits
    them. In `inputs`, `taskrun.items` is the URI of the batch and `taskrun.iteration` its number, from 0.

    It shows three tasks: `<id>_split`, `<id>_items` with the numbers of executions by state, and `<id>_merge`, whose output
    `subflowOutputs` is a file with a line of JSON for each execution that has outputs."""

    items: str = dynamic(doc="URI of the file")
    batch: Batch = dynamic(Batch(), doc="how the lines are put together")


class ForEachItemOutputs(BaseModel):
    numberOfBatches: int  # noqa: N815 - as expressions write it
    iterations: dict[str, int] | None = None
    """Numbers of executions by their state. Absent if the task did not wait."""
    subflowOutputs: str | None = None  # noqa: N815
    """URI of the file with the outputs of all executions. Absent if none has outputs."""


class Items(subflow.Call):
    """The part of a ForEachItem that runs the flows."""

    number_of_batches: str = dynamic(doc="how many batches there are")
    batch_uri: str = dynamic(doc="address of a batch, with `{index}` for its number")


class ItemsOutputs(BaseModel):
    numberOfBatches: int  # noqa: N815
    iterations: dict[str, int] | None = None
    subflowOutputsBaseUri: str | None = None  # noqa: N815
    """URI of a file that names the files with the outputs of the executions."""


def parts(task_id: str, properties: Mapping[str, object]) -> list[JsonObject]:
    names = [field.alias or name for name, field in subflow.Call.model_fields.items()]
    called = {name: properties[name] for name in names if name in properties}
    split, items = (f"currentEachOutput(outputs['{task_id}_{part}'])" for part in ("split", "items"))
    return [
        {
            "id": f"{task_id}_split",
            "type": SPLIT,
            "items": properties.get("items"),
            "batch": properties.get("batch") or {},
        },
        {
            "id": f"{task_id}_items",
            "type": ITEMS,
            "numberOfBatches": f"{{{{ {split}.numberOfBatches }}}}",
            "batchUri": f"{{{{ {split}.batchUri }}}}",
            **called,
        },
        {
            "id": f"{task_id}_merge",
            "type": MERGE,
            "from": f"{{{{ {items}.subflowOutputsBaseUri ?? '' }}}}",
        },
    ]


def summary(outputs: Mapping[str, JsonObject]) -> JsonObject:
    found: JsonObject = {}
    for each in outputs.values():
        found |= {name: each[name] for name in ForEachItemOutputs.model_fields if name in each}
    return found


def compiled(properties: ForEachItem) -> ForEachItem:
    return properties


@dataclass(frozen=True, slots=True)
class Compiled:
    call: subflow.Compiled
    number: Template
    uri: Template


def compiled_items(properties: Items) -> Compiled:
    return Compiled(
        subflow.compiled(properties),
        compile_template(properties.number_of_batches),
        compile_template(properties.batch_uri),
    )


def opening(compiled: Compiled, rendering: Rendering) -> Opening:
    text = rendering.text(compiled.number)
    number = int(text) if text.isdecimal() else MOST_BATCHES + 1
    if number > MOST_BATCHES:
        raise RenderingFailed(
            f"There are {text} batches, at most {MOST_BATCHES:,} are possible: put more lines in each"
        )
    return Opening({"numberOfBatches": number}, values=[""] * number)


def sees(compiled: Compiled, rendering: Rendering, index: int) -> JsonObject:
    return {"items": rendering.text(compiled.uri).replace(INDEX, str(index)), "iteration": index}


def flow(compiled: Compiled, rendering: Rendering) -> ChildFlow:
    return subflow.flow(compiled.call, rendering)


def result(compiled: Compiled, rendering: Rendering, ends: Sequence[ChildEnd], total: int) -> Result:
    outputs: JsonObject = {"numberOfBatches": total}
    if not waits(compiled):
        return Result(State.SUCCESS, outputs)
    states = Counter(end.state for end in ends)
    if total:
        outputs["iterations"] = {
            State.CREATED.value: total - len(ends),
            State.RUNNING.value: 0,
            **{state.value: count for state, count in states.items()},
        }
    uris = [rendering.stored(page) for page in _pages(ends)]
    if uris:
        outputs["subflowOutputsBaseUri"] = rendering.stored("".join(f"{uri}\n" for uri in uris))
    state = next((each for each in _WORST_FIRST if each in states), State.SUCCESS)
    return Result(state if compiled.call.properties.transmit_failed else State.SUCCESS, outputs)


def _pages(ends: Sequence[ChildEnd]) -> Iterator[str]:
    """Yield the outputs by the order of the batches, a line of JSON each, as much as may be stored at once."""
    page: list[str] = []
    size = 0
    for end in sorted(ends, key=lambda each: each.index):
        if not end.outputs:
            continue
        line = msgspec.json.encode(end.outputs)
        if size + len(line) > STORED_BYTES and page:
            yield "".join(page)
            page, size = [], 0
        page.append(line.decode() + "\n")
        size += len(line) + 1
    if page:
        yield "".join(page)


def waits(compiled: Compiled) -> bool:
    return subflow.waits(compiled.call)


def keeps(compiled: Compiled) -> bool:
    return subflow.keeps(compiled.call)


FOR_EACH_ITEM: FlowableType[Any] = FlowableType(
    name=NAME,
    title="Run another flow for each batch of a file",
    properties=ForEachItem,
    aliases=("io.kestra.core.tasks.flows.ForEachItem",),
    deprecated_by="io.kestra.plugin.core.flow.Loop",
    outputs=ForEachItemOutputs,
    examples=(
        """id: each
type: io.kestra.plugin.core.flow.ForEachItem
items: "{{ inputs.orders }}"
batch:
  rows: 100
namespace: company.team
flowId: load
inputs:
  file: "{{ taskrun.items }}\"""",
    ),
    slots=TAIL,
    compile=compiled,
    opening=begin,
    following=following,
    parts=parts,
    summary=summary,
)
FOR_EACH_ITEM_ITEMS: FlowableType[Compiled] = FlowableType(
    name=ITEMS,
    title="Run another flow for each batch (part of ForEachItem)",
    properties=Items,
    outputs=ItemsOutputs,
    examples=(
        """id: each_items
type: io.kestra.plugin.core.flow.ForEachItem$ForEachItemExecutable
namespace: company.team
flowId: load
numberOfBatches: "{{ outputs.each_split.numberOfBatches }}"
batchUri: "{{ outputs.each_split.batchUri }}\"""",
    ),
    slots={},
    compile=compiled_items,
    opening=opening,
    following=following,
    children=Children(result=result, flow=flow, sees=sees, waits=waits, keeps=keeps),
)
