"""``core.storage.*``: files in internal storage."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from toccata.plugin import Files, Properties, TaskType, Texts, dynamic, static

_RUN = "toccata.plugins.families.core.run.storage"
_NAME = "io.kestra.plugin.core.storage"
_OLD = "io.kestra.core.tasks.storages"
_FROM = "URI of the file"
_ROWS = "URI of a file whose lines are JSON values"


class FileOutputs(BaseModel):
    uri: str
    """Where the new file is."""


class Write(Properties):
    """Writes a text into a file."""

    content: str = dynamic(doc="the text")
    extension: str | None = dynamic(None, doc="end of the file's name, with its dot, such as `.txt`")


WRITE = TaskType(
    name=f"{_NAME}.Write",
    title="Write a file",
    properties=Write,
    run=f"{_RUN}:write",
    outputs=FileOutputs,
    examples=(f"id: note\ntype: {_NAME}.Write\ncontent: Hello\nextension: .txt",),
)


class Concat(Properties):
    """Writes files one after the other into a new one."""

    files: list[str] = dynamic(doc="URIs of the files")
    separator: str | None = static(None, doc="text after each file")
    extension: str = dynamic(".tmp", doc="end of the new file's name")


CONCAT = TaskType(
    name=f"{_NAME}.Concat",
    title="Join files",
    properties=Concat,
    run=f"{_RUN}:concat",
    outputs=FileOutputs,
    aliases=(f"{_OLD}.Concat",),
    kind="heavy",
    examples=(
        f'id: join\ntype: {_NAME}.Concat\nfiles: ["{{{{ outputs.a.uri }}}}", "{{{{ outputs.b.uri }}}}"]',
    ),
)


class Size(Properties):
    """Gives the size of a file."""

    uri: str = dynamic(doc=_FROM)


class SizeOutputs(BaseModel):
    size: int
    """Bytes."""


SIZE = TaskType(
    name=f"{_NAME}.Size",
    title="Size of a file",
    properties=Size,
    run=f"{_RUN}:size",
    outputs=SizeOutputs,
    aliases=(f"{_OLD}.Size",),
    examples=(f'id: size\ntype: {_NAME}.Size\nuri: "{{{{ outputs.note.uri }}}}"',),
)


class Delete(Properties):
    """Deletes a file."""

    uri: str = dynamic(doc=_FROM)
    error_on_missing: bool = dynamic(default=False, doc="true: the task fails if there is no such file")


class DeleteOutputs(BaseModel):
    uri: str
    deleted: bool
    """Whether there was such a file."""


DELETE = TaskType(
    name=f"{_NAME}.Delete",
    title="Delete a file",
    properties=Delete,
    run=f"{_RUN}:delete",
    outputs=DeleteOutputs,
    aliases=(f"{_OLD}.Delete",),
    examples=(f'id: gone\ntype: {_NAME}.Delete\nuri: "{{{{ outputs.note.uri }}}}"',),
)


class Reverse(Properties):
    """Writes the lines of a file in reverse order."""

    from_: str = dynamic(doc=_FROM, alias="from")
    separator: str = dynamic("\n", doc="what ends a line")
    charset: str = dynamic("UTF-8", doc="how the separator is written in the file")


REVERSE = TaskType(
    name=f"{_NAME}.Reverse",
    title="Reverse a file",
    properties=Reverse,
    run=f"{_RUN}:reverse",
    outputs=FileOutputs,
    aliases=(f"{_OLD}.Reverse",),
    kind="heavy",
    examples=(f'id: back\ntype: {_NAME}.Reverse\nfrom: "{{{{ outputs.note.uri }}}}"',),
)


class Split(Properties):
    """Splits a file by lines. One of `bytes`, `partitions`, `rows` and `regexPattern` says how."""

    from_: str = dynamic(doc=_FROM, alias="from")
    bytes_: str | None = dynamic(None, doc="size at which a new file begins, such as `10MB`", alias="bytes")
    partitions: int | None = dynamic(None, doc="number of files, which get lines in turn", ge=1)
    rows: int | None = dynamic(None, doc="lines of each file", ge=1)
    regex_pattern: str | None = dynamic(
        None, doc="one file for each value of the pattern's first group; other lines are left out"
    )
    separator: str = dynamic("\n", doc="what ends a line")


class SplitOutputs(BaseModel):
    uris: list[str]


SPLIT = TaskType(
    name=f"{_NAME}.Split",
    title="Split a file",
    properties=Split,
    run=f"{_RUN}:split",
    outputs=SplitOutputs,
    aliases=(f"{_OLD}.Split",),
    kind="heavy",
    examples=(f'id: parts\ntype: {_NAME}.Split\nfrom: "{{{{ outputs.note.uri }}}}"\nrows: 1000',),
)


class ItemsOutputs(FileOutputs):
    processedItemsTotal: int  # noqa: N815 - the name in flows
    droppedItemsTotal: int  # noqa: N815


class FilterItems(Properties):
    """Keeps the rows of a file for which a condition is true, or those for which it is not."""

    from_: str = dynamic(doc=_ROWS, alias="from")
    filter_condition: str = static(doc="rendered for each row; it sees the row's fields")
    filter_type: Literal["INCLUDE", "EXCLUDE"] = dynamic(
        "INCLUDE", doc="EXCLUDE drops the rows for which it is true"
    )
    error_or_null_behavior: Literal["FAIL", "INCLUDE", "EXCLUDE"] = dynamic(
        "FAIL", doc="what happens to a row whose condition fails"
    )


FILTER_ITEMS = TaskType(
    name=f"{_NAME}.FilterItems",
    title="Filter rows",
    properties=FilterItems,
    run=f"{_RUN}:filter_items",
    outputs=ItemsOutputs,
    aliases=(f"{_OLD}.FilterItems",),
    kind="heavy",
    examples=(
        f'id: paid\ntype: {_NAME}.FilterItems\nfrom: "{{{{ inputs.rows }}}}"\nfilterCondition: "{{{{ amount > 0 }}}}"',
    ),
)


class DeduplicateItems(Properties):
    """Keeps the last row of each key, in the order of the rows."""

    from_: str = dynamic(doc=_ROWS, alias="from")
    expr: str = static(doc="the key of a row; it sees the row's fields")


class DeduplicateOutputs(ItemsOutputs):
    numKeys: int  # noqa: N815


DEDUPLICATE_ITEMS = TaskType(
    name=f"{_NAME}.DeduplicateItems",
    title="Remove double rows",
    properties=DeduplicateItems,
    run=f"{_RUN}:deduplicate",
    outputs=DeduplicateOutputs,
    aliases=(f"{_OLD}.DeduplicateItems",),
    kind="heavy",
    examples=(
        f'id: unique\ntype: {_NAME}.DeduplicateItems\nfrom: "{{{{ inputs.rows }}}}"\nexpr: "{{{{ id }}}}"',
    ),
)


class LocalFiles(Properties):
    """Writes files into the working directory, and keeps files of it."""

    inputs: Files = dynamic({}, doc="files to write: name and text, or name and URI")
    outputs: Texts = dynamic([], doc="globs of files to keep")


class LocalFilesOutputs(BaseModel):
    uris: dict[str, str] = Field(default={})
    """URIs of the kept files by their names."""


LOCAL_FILES = TaskType(
    name=f"{_NAME}.LocalFiles",
    title="Write and keep local files",
    properties=LocalFiles,
    run=f"{_RUN}:local_files",
    outputs=LocalFilesOutputs,
    aliases=(f"{_OLD}.LocalFiles",),
    kind="heavy",
    deprecated_by="inputFiles and outputFiles of the task that needs them",
    examples=(f"id: files\ntype: {_NAME}.LocalFiles\ninputs: {{a.txt: Hello}}\noutputs: ['*.txt']",),
)


class PurgeCurrentExecutionFiles(Properties):
    """Deletes all files of the current execution, also those of its inputs."""


class PurgeOutputs(BaseModel):
    uris: list[str]
    """What was deleted."""


PURGE_CURRENT_EXECUTION_FILES = TaskType(
    name=f"{_NAME}.PurgeCurrentExecutionFiles",
    title="Delete the execution's files",
    properties=PurgeCurrentExecutionFiles,
    run=f"{_RUN}:purge_current",
    outputs=PurgeOutputs,
    aliases=(f"{_NAME}.PurgeExecution", f"{_OLD}.PurgeExecution"),
    examples=(f"id: clean\ntype: {_NAME}.PurgeCurrentExecutionFiles",),
)
