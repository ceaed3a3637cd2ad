"""What tasks do with files, whichever protocol they speak: properties, outputs, declarations."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel

from toccata.plugin import Data, Properties, TaskType, TriggerType, WatchedProperties, dynamic

PREFIX = "io.kestra.plugin.fs"
_RUN = "toccata.plugins.families.fs.run.work"
_PATTERN = "only files whose whole path matches"
_RECURSIVE = "also files in folders below"


class Checked(Properties):
    validate_checksum: bool = dynamic(default=False, doc="compute a checksum of the downloaded file")
    checksum_expected: str | None = dynamic(
        None, doc="with `validateChecksum`: its value; the task fails if it is another"
    )
    checksum_algorithm: Literal["MD5", "SHA_1", "SHA_256", "SHA_512"] = dynamic(
        "SHA_256", doc="kind of checksum"
    )


class Chosen(Properties):
    """Which files of a folder are meant."""

    from_: str = dynamic(alias="from", doc="the folder")
    reg_exp: str | None = dynamic(None, doc=_PATTERN)
    recursive: bool = dynamic(default=False, doc=_RECURSIVE)
    max_files: int = dynamic(25, doc="most files that are taken", ge=1)


class Download(Checked):
    from_: str = dynamic(alias="from", doc="path of the file")


class Downloads(Chosen):
    action: Literal["MOVE", "DELETE", "NONE"] = dynamic("NONE", doc="what becomes of the files")
    move_directory: str | None = dynamic(None, doc="with MOVE: their new folder")


class Listing(Chosen):
    sort: Literal["NONE", "LAST_MODIFIED_ASC", "LAST_MODIFIED_DESC", "NAME_ASC", "NAME_DESC"] = dynamic(
        "NONE", doc="order of the files"
    )


class Watching(WatchedProperties):
    """Which files of a folder are watched."""

    from_: str = dynamic(alias="from", doc="the folder; one that is not there has no files")
    reg_exp: str | None = dynamic(None, doc=_PATTERN)
    recursive: bool = dynamic(default=False, doc=_RECURSIVE)
    action: Literal["MOVE", "DELETE", "NONE"] = dynamic(doc="what becomes of a file after it was copied")
    move_directory: str | None = dynamic(None, doc="with MOVE: their new folder")
    sort: Literal["NONE", "LAST_MODIFIED_ASC", "LAST_MODIFIED_DESC", "NAME_ASC", "NAME_DESC"] = dynamic(
        "NONE", doc="order of the files"
    )


class Upload(Properties):
    from_: str = dynamic(alias="from", doc="URI of the file")
    to: str | None = dynamic(None, doc="its new path; behind a `/` at the end comes the file's own name")
    overwrite: bool = dynamic(default=True, doc="false: fail if there is one")


class Uploads(Properties):
    from_: Data = dynamic(alias="from", doc="URIs of files: one, a list, or a map with their new names")
    to: str = dynamic(doc="the folder; it is created")
    max_files: int = dynamic(25, doc="most files that are taken", ge=1)
    overwrite: bool = dynamic(default=True, doc="false: fail if there is one")


class Move(Properties):
    from_: str = dynamic(alias="from", doc="path of the file or folder")
    to: str = dynamic(doc="new path; behind a `/` at the end comes the old name")
    overwrite: bool = dynamic(default=False, doc="replace what is there")


class Delete(Properties):
    uri: str = dynamic(doc="path of the file or folder")
    error_on_missing: bool = dynamic(default=False, doc="fail if there is nothing")
    recursive: bool = dynamic(default=False, doc="of a folder: all that is in it, too")
    reg_exp: str | None = dynamic(None, doc="of a folder: " + _PATTERN)


class DownloadOutputs(BaseModel):
    from_: str
    to: str
    """URI of the file in internal storage."""
    checksum: str | None = None
    """With `validateChecksum`, in hexadecimal digits."""


class ListOutputs(BaseModel):
    files: list[dict[str, Any]]
    """Each with path, name, fileType, symbolicLink, size, updatedDate and what else the server says."""


class DownloadsOutputs(ListOutputs):
    outputFiles: dict[str, str]  # noqa: N815 - the name in flows
    """URIs in internal storage by paths."""


class UploadsOutputs(BaseModel):
    files: list[str]
    """Where the files are."""


class MovedOutputs(BaseModel):
    from_: str
    to: str


class DeleteOutputs(BaseModel):
    uri: str
    deleted: bool
    uris: list[str] | None = None
    """Of a folder: the files that were deleted."""


class WatchOutputs(BaseModel):
    files: list[dict[str, Any]]
    """Each with `changeType` CREATE or UPDATE, with what a list says of it, and as `path` the URI of its copy in internal storage."""


_KINDS: tuple[tuple[type[Properties], str, type[BaseModel], str], ...] = (
    (Download, "Download a file", DownloadOutputs, "from: /data/trips.csv"),
    (
        Downloads,
        "Download the files of a folder",
        DownloadsOutputs,
        "from: /data/\nregExp: .*\\.csv\naction: MOVE\nmoveDirectory: /done/",
    ),
    (Listing, "List the files of a folder", ListOutputs, "from: /data/\nsort: NAME_ASC"),
    (Uploads, "Upload files", UploadsOutputs, 'from: ["{{ inputs.file }}"]\nto: /data/'),
    (Upload, "Upload a file", MovedOutputs, 'from: "{{ inputs.file }}"\nto: /data/new.csv'),
    (Move, "Move a file", MovedOutputs, "from: /data/trips.csv\nto: /done/"),
    (Delete, "Delete a file", DeleteOutputs, "uri: /data/trips.csv"),
)


def over(protocol: str, properties: type[Properties], sign_in: str, extra: str | None = None) -> TaskType:
    """The declaration of a task over a protocol, such as ``sftp``. ``properties`` extends one of the classes above."""
    kind, title, outputs, example = next(each for each in _KINDS if issubclass(properties, each[0]))
    name = f"{PREFIX}.{protocol}.{ {'Listing': 'List'}.get(kind.__name__, kind.__name__) }"
    return TaskType(
        name=name,
        title=f"{title} over {protocol.upper()}",
        properties=properties,
        run=f"{_RUN}:{kind.__name__.lower()}",
        outputs=outputs,
        extra=extra,
        kind="heavy",
        examples=(f"id: files\ntype: {name}\n{sign_in}{example}",),
    )


def watching(
    protocol: str, properties: type[Properties], sign_in: str, extra: str | None = None
) -> TriggerType:
    """The declaration of a trigger over a protocol."""
    name = f"{PREFIX}.{protocol}.Trigger"
    return TriggerType(
        name=name,
        title=f"Start executions by files over {protocol.upper()}",
        properties=properties,
        started_by="poll",
        poll="toccata.plugins.families.fs.run.watching:poll",
        outputs=WatchOutputs,
        extra=extra,
        kind="heavy",
        examples=(
            f"id: files\ntype: {name}\n{sign_in}from: /in/\nregExp: .*\\.csv\naction: MOVE\nmoveDirectory: /done/",
        ),
    )
