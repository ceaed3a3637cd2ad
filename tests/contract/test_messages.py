"""Recorded messages of every type still decode, and are the same when written again. They come from a running system."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from contracts import codec
from contracts.codec import Codec, UnreadableMessage, message_types
from contracts.message import type_of
from contracts.topics import TOPICS
from contracts.upcast import UPCASTERS

RECORDED: dict[str, str] = json.loads((Path(__file__).parent / "messages.json").read_text())
NOT_RECORDED = {
    "trigger.create_backfill.v1", "trigger.change_backfill.v1", "trigger.reset.v1", "trigger.restart.v1",
    "trigger.backfill_begun.v1", "trigger.backfill_fired.v1", "trigger.backfill_skipped.v1", "trigger.backfill_paused.v1",
    "trigger.backfill_ended.v1", "trigger.reset_done.v1", "trigger.fired.v1", "trigger.skipped.v1", "worker.announce.v1",
    "worker.doubted.v1", "execution.check.v1", "execution.child_paused.v1", "lease.granted.v1", "lease.revoked.v1",
    "execution.in_parts.v1", "execution.runs_part.v1", "execution.runs_restored.v1", "trigger.execution_moved.v1",
    "trigger.heard.v1",
}  # fmt: skip
"""Types that need a forgotten worker, the passing of time, a child, a lease, a Flow trigger or some thousand task runs. The tests of their machines decode them."""


@pytest.mark.parametrize("name", RECORDED)
def test_a_recorded_message_is_read_and_written_the_same(name: str) -> None:
    topic, type_name = name.split(" ")
    reader: Codec[object] = Codec(TOPICS[topic].messages)

    message = reader.decode(RECORDED[name].encode())

    assert type_of(type(message)) == type_name  # type: ignore[arg-type]
    assert reader.decode(codec.encode(message)) == message or "run" in message.__struct_fields__  # type: ignore[attr-defined]
    assert json.loads(codec.encode(message)).keys() <= json.loads(RECORDED[name]).keys()


def test_every_type_is_recorded_or_named_here() -> None:
    types = {
        type_of(message)
        for topic in TOPICS.values()
        if topic.messages is not None
        for message in message_types(topic.messages)
    }
    recorded = {name.split(" ")[1] for name in RECORDED}
    assert types - recorded - NOT_RECORDED == set()
    assert types >= NOT_RECORDED


@pytest.mark.parametrize("name", RECORDED)
def test_unknown_fields_are_ignored_and_unknown_versions_are_poison(name: str) -> None:
    topic, type_name = name.split(" ")
    reader: Codec[object] = Codec(TOPICS[topic].messages)
    fields = json.loads(RECORDED[name])

    assert type_of(type(reader.decode(json.dumps(fields | {"later": 1}).encode()))) == type_name  # type: ignore[arg-type]
    unknown = type_name.rsplit(".", 1)[0] + ".v99"
    with pytest.raises(UnreadableMessage, match=r"v99|type"):
        Codec(TOPICS[topic].messages).decode(json.dumps(fields | {"type": unknown}).encode())


def test_an_older_version_is_upcast(monkeypatch: pytest.MonkeyPatch) -> None:
    older = {"type": "execution.kill.v0", "id": "x", "at": 5}

    def upcast(fields: dict[str, object]) -> dict[str, object]:
        return {"type": "execution.kill.v1", "execution_id": fields["id"], "at": fields["at"]}

    monkeypatch.setitem(UPCASTERS, "execution.kill.v0", upcast)
    message = Codec(TOPICS["executions.commands"].messages).decode(msgspec.json.encode(older))  # type: ignore[var-annotated]

    assert message.execution_id == "x"


@pytest.mark.parametrize(
    "value",
    [
        None,
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"type":1}',
        b'{"type":[]}',
        b'{"type":"execution.kill.v1"}',
        b"[" * 100_000,
    ],
)
def test_garbage_is_unreadable_and_nothing_else(value: bytes | None) -> None:
    with pytest.raises(UnreadableMessage):
        Codec(TOPICS["executions.commands"].messages).decode(value)
