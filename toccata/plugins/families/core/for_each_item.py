"""The parts of ``core.flow.ForEachItem`` that workers run. The engine makes these tasks; the flowable is declared in
``contracts/language/types/flowable/for_each_item.py``."""

from __future__ import annotations

from pydantic import BaseModel

from toccata.plugin import Properties, TaskType, dynamic

_RUN = "toccata.plugins.families.core.run.for_each_item"
_NAME = "io.kestra.plugin.core.flow.ForEachItem"


class Batch(Properties):
    """How the file is split."""

    rows: int | None = dynamic(None, doc="lines of a batch (1)", ge=1)
    bytes_: str | None = dynamic(None, doc="most bytes of a batch, such as `10MB`", alias="bytes")
    partitions: int | None = dynamic(None, doc="number of batches, which get lines in turn", ge=1)
    separator: str = dynamic("\n", doc="what ends a line")


class Split(Properties):
    """The part of a ForEachItem that splits its file. The engine makes this task."""

    items: str = dynamic(doc="URI of the file")
    batch: Batch = dynamic(Batch(), doc="how the lines are put together")


class SplitOutputs(BaseModel):
    splits: str
    """URI of a file with the URIs of the batches, one a line."""
    numberOfBatches: int  # noqa: N815 - the name in flows
    batchUri: str  # noqa: N815
    """URI of a batch, with `{index}` in place of its number."""


SPLIT = TaskType(
    name=f"{_NAME}$ForEachItemSplit",
    title="Split a file into batches (part of ForEachItem)",
    properties=Split,
    run=f"{_RUN}:split",
    outputs=SplitOutputs,
    kind="heavy",
    examples=(f'id: each_split\ntype: {_NAME}$ForEachItemSplit\nitems: "{{{{ inputs.orders }}}}"',),
)


class MergeOutputs(Properties):
    """The part of a ForEachItem that joins the outputs of its executions. The engine makes this task."""

    from_: str = dynamic(
        doc="URI of a file that names the files to join, one a line; empty: there is none", alias="from"
    )


class MergeOutputsOutputs(BaseModel):
    subflowOutputs: str | None = None  # noqa: N815
    """URI of the file with all outputs, a line for each execution. Absent if there are none."""


MERGE_OUTPUTS = TaskType(
    name=f"{_NAME}$ForEachItemMergeOutputs",
    title="Join the outputs of executions (part of ForEachItem)",
    properties=MergeOutputs,
    run=f"{_RUN}:merge_outputs",
    outputs=MergeOutputsOutputs,
    kind="heavy",
    examples=(
        f'id: each_merge\ntype: {_NAME}$ForEachItemMergeOutputs\nfrom: "{{{{ outputs.each_items.subflowOutputsBaseUri }}}}"',
    ),
)
