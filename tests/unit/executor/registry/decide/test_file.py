"""Files of namespaces: revisions, folders, moves, and what cannot be."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.machine import Step
from contracts.message import Message
from contracts.namespace import DeleteFiles, FileState, ForgetRevisions, MoveFiles, PutFile
from contracts.reply import Reply
from services.executor.registry.decide.file import REVISIONS_KEPT
from tests.support.rig import messages
from tests.support.rig.registry import REPLY_TO, RegistryRig


def send(rig: RegistryRig, kind: type[Message], **fields: Any) -> Step:
    fields = {
        "namespace": "n.x",
        "at": rig.tick(),
        "request_id": rig.next_request(),
        "reply_to": REPLY_TO,
    } | fields
    return rig.when(kind(**fields))


def put(rig: RegistryRig, path: str, **fields: Any) -> Step:
    return send(rig, PutFile, path=path, **({"uri": f"kestra:///{rig.now}", "size": 3} | fields))


def code(step: Step) -> str:
    (reply,) = messages(step.outbox, Reply)
    return str(reply.code)


def held(rig: RegistryRig) -> dict[str, list[int]]:
    """Return paths and numbers of revisions, as a reader of the topic folds them."""
    found: dict[str, list[int]] = {}
    for state in rig.sent(FileState):
        found.pop(state.path, None)
        if not state.deleted:
            found[state.path] = [revision.number for revision in state.revisions]
    return dict(sorted(found.items()))


def test_each_put_is_a_revision(rig: RegistryRig) -> None:
    put(rig, "/a/b.txt")
    step = put(rig, "/a/b.txt")

    (reply,) = messages(step.outbox, Reply)
    assert (reply.code, reply.revision, reply.change) == ("ok", 2, 2)
    assert held(rig) == {"/a/b.txt": [1, 2]}
    rig.assert_rebuilds()


def test_without_overwrite_an_existing_file_is_refused(rig: RegistryRig) -> None:
    put(rig, "/a")
    assert code(put(rig, "/a", overwrite=False)) == "exists"
    assert held(rig) == {"/a": [1]}


def test_only_the_latest_revisions_are_kept(rig: RegistryRig) -> None:
    for _ in range(REVISIONS_KEPT + 2):
        put(rig, "/a")
    assert held(rig)["/a"] == list(range(3, REVISIONS_KEPT + 3))


@pytest.mark.parametrize(
    ("there", "wanted"),
    [("/a", "/a/b"), ("/a", "/a/b/c"), ("/a/b", "/a"), ("/a/", "/a"), ("/a", "/a/")],
)
def test_a_path_is_a_file_or_a_folder(rig: RegistryRig, there: str, wanted: str) -> None:
    put(rig, there)
    assert code(put(rig, wanted)) == "invalid"


def test_a_folder_may_be_made_twice_and_stays_when_it_is_empty(rig: RegistryRig) -> None:
    assert code(put(rig, "/a/")) == "ok"
    assert code(put(rig, "/a/")) == "unchanged"
    put(rig, "/a/b")
    send(rig, DeleteFiles, path="/a/b")
    assert held(rig) == {"/a": []}


def test_a_folder_goes_with_all_that_is_in_it_and_nothing_else(rig: RegistryRig) -> None:
    for path in ("/a/b", "/a/c/d", "/ab"):
        put(rig, path)

    assert code(send(rig, DeleteFiles, path="/a")) == "ok"

    assert held(rig) == {"/ab": [1]}
    assert code(send(rig, DeleteFiles, path="/a")) == "missing"
    assert code(put(rig, "/a")) == "ok"


def test_a_move_keeps_revisions_and_overwrites_nothing(rig: RegistryRig) -> None:
    for path in ("/a/b", "/a/b", "/a/c", "/z"):
        put(rig, path)

    assert code(send(rig, MoveFiles, source="/a", target="/z")) == "exists"
    assert code(send(rig, MoveFiles, source="/a", target="/z/y")) == "invalid"
    assert code(send(rig, MoveFiles, source="/a", target="/a/b/c")) == "invalid"
    assert code(send(rig, MoveFiles, source="/no", target="/x")) == "missing"
    assert code(send(rig, MoveFiles, source="/a", target="/q/a")) == "ok"

    assert held(rig) == {"/q/a/b": [1, 2], "/q/a/c": [1], "/z": [1]}
    rig.restart(snapshot=True)
    rig.assert_rebuilds()


def test_old_revisions_are_forgotten_and_the_latest_stays(rig: RegistryRig) -> None:
    for _ in range(3):
        put(rig, "/a")

    assert code(send(rig, ForgetRevisions, path="/a", revisions=[1, 3])) == "ok"
    assert code(send(rig, ForgetRevisions, path="/a", revisions=[3])) == "unchanged"
    assert code(send(rig, ForgetRevisions, path="/b", revisions=[1])) == "missing"

    assert held(rig) == {"/a": [2, 3]}
    put(rig, "/a")
    assert held(rig) == {"/a": [2, 3, 4]}


def test_a_repeated_command_gets_its_answer_again(rig: RegistryRig) -> None:
    first = put(rig, "/a", request_id="once")
    put(rig, "/a")
    again = put(rig, "/a", request_id="once")
    assert messages(again.outbox, Reply)[0].revision == messages(first.outbox, Reply)[0].revision == 1
    assert held(rig) == {"/a": [1, 2]}
