"""The decisions about files of namespaces: paths and revisions. The content is in internal storage."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.machine import TOMBSTONE
from contracts.namespace import (
    DeleteFiles,
    FileRevision,
    FileState,
    ForgetRevisions,
    MoveFiles,
    PutFile,
)
from contracts.namespace_path import ROOT, folders_above, is_below
from services.executor.registry.decide.answer import Refusal, Turn, accept, answered_before, refuse, settle
from services.executor.registry.event import FileDeleted, FileStored
from services.executor.registry.state import File, RegistryState

REVISIONS_KEPT = 100
"""The number of latest revisions of a file that can be read."""


def put(turn: Turn, message: PutFile) -> None:
    if answered_before(turn, message):
        return
    folder = message.path.endswith("/")
    path = message.path.rstrip("/")
    before = turn.state.files.get((message.namespace, path))
    trouble = _cannot_put(turn.state, message, path, before, folder=folder)
    if trouble is not None:
        refuse(turn, message, trouble[0], trouble[1])
        return
    if folder and before is not None:
        accept(turn, message, revision=0, code="unchanged", change=before.change)
        return
    revisions = [] if before is None else list(before.revisions)
    if not folder:
        number = revisions[-1].number + 1 if revisions else 1
        revisions = [*revisions, FileRevision(number, message.uri, message.size, turn.at)][-REVISIONS_KEPT:]
    _store(turn, message.namespace, path, revisions, before)
    settle(turn, message, revisions[-1].number if revisions else 0)


def delete(turn: Turn, message: DeleteFiles) -> None:
    if answered_before(turn, message):
        return
    found = _tree(turn.state, message.namespace, message.path)
    if not found:
        refuse(
            turn, message, "missing", f"There is no file `{message.path}` in namespace `{message.namespace}`"
        )
        return
    for path in found:
        _remove(turn, message.namespace, path)
    settle(turn, message, len(found))


def move(turn: Turn, message: MoveFiles) -> None:
    if answered_before(turn, message):
        return
    namespace, source, target = message.namespace, message.source, message.target
    found = _tree(turn.state, namespace, source)
    if not found:
        refuse(turn, message, "missing", f"There is no file `{source}` in namespace `{namespace}`")
    elif target == source or is_below(target, source):
        refuse(turn, message, "invalid", f"`{source}` cannot be moved to `{target}`: it would be in itself")
    elif _tree(turn.state, namespace, target):
        refuse(turn, message, "exists", f"There is a file `{target}` in namespace `{namespace}` already")
    elif (file := _file_above(turn.state, namespace, target)) is not None:
        refuse(turn, message, "invalid", f"`{file}` is a file, not a folder")
    else:
        for path in found:
            entry = turn.state.files[namespace, path]
            _remove(turn, message.namespace, path)
            _store(turn, message.namespace, target + path.removeprefix(source), list(entry.revisions), None)
        settle(turn, message, len(found))


def forget(turn: Turn, message: ForgetRevisions) -> None:
    if answered_before(turn, message):
        return
    before = turn.state.files.get((message.namespace, message.path))
    if before is None:
        refuse(
            turn, message, "missing", f"There is no file `{message.path}` in namespace `{message.namespace}`"
        )
        return
    gone = set(message.revisions)
    kept = [r for r in before.revisions[:-1] if r.number not in gone] + list(before.revisions[-1:])
    if len(kept) == len(before.revisions):
        accept(turn, message, revision=0, code="unchanged", change=before.change)
        return
    _store(turn, message.namespace, message.path, kept, before)
    settle(turn, message, len(before.revisions) - len(kept))


def _cannot_put(
    state: RegistryState, message: PutFile, path: str, before: File | None, *, folder: bool
) -> tuple[Refusal, str] | None:
    above = _file_above(state, message.namespace, path)
    if above is not None:
        return "invalid", f"`{above}` is a file, not a folder"
    if before is not None and folder != (not before.revisions):
        kind = "folder" if folder else "file"
        return "invalid", f"`{path}` exists, and is no {kind}"
    if before is None and not folder and (message.namespace, path) in state.folders:
        return "invalid", f"`{path}` exists, and is no file"
    if before is not None and not message.overwrite:
        return "exists", f"`{path}` exists in namespace `{message.namespace}` already"
    return None


def _file_above(state: RegistryState, namespace: str, path: str) -> str | None:
    """A file where the path needs a folder."""
    for folder in folders_above(path):
        found = state.files.get((namespace, folder))
        if found is not None and found.revisions:
            return folder
    return None


def _tree(state: RegistryState, namespace: str, path: str) -> list[str]:
    """The path itself, if it is there, and everything below it."""
    itself = [path] if (namespace, path) in state.files else []
    if path != ROOT and (namespace, path) not in state.folders:
        return itself
    return itself + sorted(each for each in state.paths.get(namespace, ()) if is_below(each, path))


def _store(
    turn: Turn, namespace: str, path: str, revisions: Sequence[FileRevision], before: File | None
) -> None:
    event = FileStored(
        namespace=namespace,
        path=path,
        change=turn.state.change + 1,
        revisions=list(revisions),
        at=turn.at,
        created_at=turn.at if before is None else before.created_at,
    )
    turn.note(event)
    state = FileState(
        namespace=namespace,
        path=path,
        change=event.change,
        revisions=event.revisions,
        created_at=event.created_at,
        updated_at=turn.at,
    )
    _tell(turn, state, before)


def _remove(turn: Turn, namespace: str, path: str) -> None:
    before = turn.state.files[namespace, path]
    event = FileDeleted(namespace=namespace, path=path, change=turn.state.change + 1, at=turn.at)
    turn.note(event)
    _tell(turn, FileState(namespace=namespace, path=path, change=event.change, deleted=True), before)


def _tell(turn: Turn, state: FileState, before: File | None) -> None:
    name = f"file/{state.namespace}{state.path}"
    turn.send("namespaces.state", f"{name}@{state.change}", state)
    if before is not None:
        turn.send("namespaces.state", f"{name}@{before.change}", TOMBSTONE)
    if state.deleted:
        turn.send("namespaces.state", f"{name}@{state.change}", TOMBSTONE)
