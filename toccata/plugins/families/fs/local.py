"""``fs.local.*`` and ``fs.nfs.*``: files that the worker's machine has, also those of other machines that it has mounted."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel

from toccata.plugin import Properties, TaskType, TriggerType, WatchedProperties, dynamic
from toccata.plugins.families.fs import actions

_RUN = "toccata.plugins.families.fs.run.local_work"
_NAME = actions.PREFIX


class Download(actions.Download):
    """Copies a file into internal storage."""


class Downloads(actions.Downloads):
    """Copies the chosen files of a folder into internal storage, and then moves or deletes them if wanted."""


class ListFiles(actions.Listing):
    """Lists the chosen files of a folder."""


class Upload(actions.Upload):
    """Writes a file. Folders on the way are created."""


class Uploads(actions.Uploads):
    """Writes several files into a folder."""

    reg_exp: str | None = dynamic(None, doc="only files whose whole name matches")


class Move(actions.Move):
    """Moves or renames a file or folder. Folders on the way are created."""


class Copy(actions.Move):
    """Copies a file or folder. Folders on the way are created."""


class Delete(Properties):
    """Deletes a file, a folder, or chosen files of a folder."""

    from_: str = dynamic(alias="from", doc="path of the file or folder")
    error_on_missing: bool = dynamic(default=False, doc="fail if there is nothing")
    recursive: bool = dynamic(default=False, doc="of a folder: all that is in it, too")
    reg_exp: str | None = dynamic(None, doc="of a folder: only files whose whole path matches")


class NfsMove(Properties):
    """Moves or renames a file or folder of a mounted share."""

    from_: str = dynamic(alias="from", doc="path of the file or folder")
    to: str = dynamic(doc="new path; behind a `/` at the end comes the old name")


class NfsCopy(NfsMove):
    """Copies a file or folder of a mounted share."""


class NfsDelete(actions.Delete):
    """Deletes a file, a folder, or chosen files of a folder of a mounted share."""

    error_on_missing: bool = dynamic(default=True, doc="fail if there is nothing")


class NfsList(actions.Listing):
    """Lists the chosen files of a folder of a mounted share."""


class CheckMount(Properties):
    """Says on which kind of file system a path is."""

    path: str = dynamic(doc="the path")


class NfsTrigger(WatchedProperties):
    """Watches a folder of a mounted share, and starts an execution with the files that are new or changed."""

    from_: str = dynamic(alias="from", doc="the folder; one that is not there has no files")
    reg_exp: str | None = dynamic(None, doc="only files whose whole path or name matches")
    recursive: bool = dynamic(default=False, doc="also files in folders below")


class Trigger(NfsTrigger):
    """Watches a folder, and starts an execution with the files that are new or changed."""

    action: Literal["MOVE", "DELETE", "NONE"] = dynamic(
        "NONE", doc="what becomes of a file after it was copied"
    )
    move_directory: str | None = dynamic(None, doc="with MOVE: their new folder")


class StoredOutputs(BaseModel):
    uri: str
    size: int
    """Bytes."""
    checksum: str | None = None
    """With `validateChecksum`, in hexadecimal digits."""


class WrittenOutputs(BaseModel):
    uri: str
    """Where the file is, as file:///…"""
    size: int


class ListOutputs(BaseModel):
    files: list[dict[str, Any]]
    """Each with localPath, uri, name, parent, size, createdDate, modifiedDate, accessedDate, isDirectory."""
    count: int


class DownloadsOutputs(BaseModel):
    files: list[dict[str, Any]]
    outputFiles: dict[str, str]  # noqa: N815 - the name in flows
    """URIs in internal storage by paths."""


class MountOutputs(BaseModel):
    path: str
    isNfsMount: bool  # noqa: N815
    fileStoreType: str  # noqa: N815
    """Such as `nfs4` or `ext4`."""


class NfsListOutputs(BaseModel):
    files: list[dict[str, Any]]
    """Each with name, uri, localPath, isDirectory, isSymbolicLink, isHidden, size, creationTime, lastAccessTime,
    lastModifiedTime."""


class WatchOutputs(BaseModel):
    files: list[dict[str, Any]]
    """Each with `changeType` CREATE or UPDATE, with what a list says of it, and as `uri` its copy in internal storage."""


def _trigger(name: str, properties: type[Properties], title: str, example: str) -> TriggerType:
    return TriggerType(
        name=f"{_NAME}.{name}",
        title=title,
        properties=properties,
        started_by="poll",
        poll=f"{_RUN.replace('local_work', 'local_watching')}:{name.split('.', maxsplit=1)[0]}",
        outputs=WatchOutputs,
        kind="heavy",
        examples=(f"id: files\ntype: {_NAME}.{name}\n{example}",),
    )


def _type(
    name: str, properties: type[Properties], title: str, outputs: type[BaseModel] | None, example: str
) -> TaskType:
    run = name.replace(".", "_").lower()
    return TaskType(
        name=f"{_NAME}.{name}",
        title=title,
        properties=properties,
        run=f"{_RUN}:{run}",
        outputs=outputs,
        kind="heavy",
        examples=(f"id: files\ntype: {_NAME}.{name}\n{example}",),
    )


DOWNLOAD = _type("local.Download", Download, "Store a local file", StoredOutputs, "from: /data/trips.csv")
DOWNLOADS = _type(
    "local.Downloads",
    Downloads,
    "Store local files",
    DownloadsOutputs,
    "from: /data/\nregExp: .*\\.csv\naction: MOVE\nmoveDirectory: /data/done/",
)
LIST = _type("local.List", ListFiles, "List local files", ListOutputs, "from: /data/\nrecursive: true")
UPLOAD = _type(
    "local.Upload",
    Upload,
    "Write a local file",
    WrittenOutputs,
    'from: "{{ inputs.file }}"\nto: /data/new.csv',
)
UPLOADS = _type(
    "local.Uploads",
    Uploads,
    "Write local files",
    actions.UploadsOutputs,
    'from: {new.csv: "{{ inputs.file }}"}\nto: /data/',
)
MOVE = _type("local.Move", Move, "Move a local file", None, "from: /data/trips.csv\nto: /data/done/")
COPY = _type("local.Copy", Copy, "Copy a local file", None, "from: /data/trips.csv\nto: /data/copy.csv")
DELETE = _type("local.Delete", Delete, "Delete local files", actions.DeleteOutputs, "from: /data/trips.csv")
NFS_COPY = _type(
    "nfs.Copy",
    NfsCopy,
    "Copy a file of a share",
    actions.MovedOutputs,
    "from: /data/trips.csv\nto: /data/c.csv",
)
NFS_MOVE = _type(
    "nfs.Move",
    NfsMove,
    "Move a file of a share",
    actions.MovedOutputs,
    "from: /data/trips.csv\nto: /data/done/",
)
NFS_DELETE = _type(
    "nfs.Delete", NfsDelete, "Delete files of a share", actions.DeleteOutputs, "uri: /data/trips.csv"
)
NFS_LIST = _type("nfs.List", NfsList, "List files of a share", NfsListOutputs, "from: /data/")
NFS_CHECK_MOUNT = _type("nfs.CheckMount", CheckMount, "Look at a mount", MountOutputs, "path: /data")
TRIGGER = _trigger(
    "local.Trigger",
    Trigger,
    "Start executions by local files",
    "from: /data/in/\nregExp: .*\\.csv\naction: MOVE\nmoveDirectory: /data/done/",
)
NFS_TRIGGER = _trigger(
    "nfs.Trigger", NfsTrigger, "Start executions by files of a share", "from: /data/in/\non: CREATE"
)
