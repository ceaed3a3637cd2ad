"""``core.namespace.*``: files by path, which belong to namespaces."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from toccata.plugin import Files, Properties, TaskType, Texts, dynamic

_NAME = "io.kestra.plugin.core.namespace"
_RUN = "toccata.plugins.families.core.run.namespace"
_OWN = "default: the flow's own"
_GLOBS = "globs of paths, such as `scripts/**.py`, or one path"


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


class UploadFiles(Properties):
    """Stores files in a namespace.

    An entry of a list is the address of a file in internal storage, or a glob of the working directory, whose files keep their relative
    paths. A map names the path of each file in the namespace. An address without a file is left out, with a warning."""

    namespace: str | None = dynamic(None, doc=f"namespace that gets the files; {_OWN}")
    files: Any = dynamic(None, doc="a list of addresses and globs, or a map of paths and addresses")
    files_map: Files = dynamic({}, doc="a map of paths and addresses, beside `files`")
    destination: str = dynamic("/", doc="folder for the files of a list")
    conflict: Annotated[Literal["OVERWRITE", "ERROR", "SKIP"], BeforeValidator(_upper)] = dynamic(
        "OVERWRITE", doc="what to do with a file that exists"
    )


class FilesOutputs(BaseModel):
    files: dict[str, str]
    """Addresses by path."""


UPLOAD = TaskType(
    name=f"{_NAME}.UploadFiles",
    title="Store files in a namespace",
    properties=UploadFiles,
    run=f"{_RUN}:upload",
    outputs=FilesOutputs,
    directory_variables=f"{_RUN}:directory_variables",
    examples=(
        f'id: share\ntype: {_NAME}.UploadFiles\nfiles:\n  /scripts/main.py: "{{{{ inputs.script }}}}"',
    ),
)


class DownloadFiles(Properties):
    """Copies files of a namespace into the execution, where they stay as they are now."""

    namespace: str | None = dynamic(None, doc=f"namespace of the files; {_OWN}")
    files: Texts = dynamic(doc=_GLOBS)
    destination: str = dynamic("", doc="text before each path in the output")


DOWNLOAD = TaskType(
    name=f"{_NAME}.DownloadFiles",
    title="Copy files of a namespace",
    properties=DownloadFiles,
    run=f"{_RUN}:download",
    outputs=FilesOutputs,
    examples=(f'id: get\ntype: {_NAME}.DownloadFiles\nnamespace: company.shared\nfiles: ["**.sql"]',),
)


class DeleteFiles(Properties):
    """Deletes files of a namespace."""

    namespace: str | None = dynamic(None, doc=f"namespace of the files; {_OWN}")
    files: Texts = dynamic(doc=_GLOBS)
    delete_parent_folder: bool = dynamic(default=True, doc="also delete folders that are empty then")


class DeletedOutputs(BaseModel):
    files: dict[str, str]
    """Addresses that the files had, by path."""


DELETE = TaskType(
    name=f"{_NAME}.DeleteFiles",
    title="Delete files of a namespace",
    properties=DeleteFiles,
    run=f"{_RUN}:delete",
    outputs=DeletedOutputs,
    examples=(f'id: clean\ntype: {_NAME}.DeleteFiles\nfiles: ["tmp/**"]',),
)


def _short(value: object) -> object:
    """``io.kestra.plugin.core.namespace.Version`` means ``version``."""
    return value.rpartition(".")[2].lower() if isinstance(value, str) else value


class Behavior(BaseModel):
    """Which revisions a purge removes. The latest one always stays."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    type: Annotated[Literal["version"], BeforeValidator(_short)] = "version"
    before: str | None = None
    keep_amount: int | None = Field(default=None, alias="keepAmount", ge=1)


class PurgeFiles(Properties):
    """Removes old revisions of files."""

    namespaces: list[str] | None = dynamic(None, doc="the namespaces; default: all")
    namespace_pattern: str | None = dynamic(None, doc="a glob of namespaces, instead of `namespaces`")
    file_pattern: str | None = dynamic(None, doc="a glob of paths; default: all")
    include_child_namespaces: bool = dynamic(default=True, doc="also the namespaces below `namespaces`")
    behavior: Behavior = dynamic(
        Behavior(keep_amount=1),
        doc="`keepAmount`: how many latest revisions stay; `before`: only those stored before this instant go",
    )


class PurgeFilesOutputs(BaseModel):
    size: int
    """How many revisions were removed."""


PURGE = TaskType(
    name=f"{_NAME}.PurgeFiles",
    title="Remove old revisions of files",
    properties=PurgeFiles,
    run=f"{_RUN}:purge",
    outputs=PurgeFilesOutputs,
    examples=(f"id: purge\ntype: {_NAME}.PurgeFiles\nnamespaces: [company.team]",),
)
