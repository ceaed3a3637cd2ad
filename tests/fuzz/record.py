"""Records of every topic: recorded ones with bytes, values and keys changed. They are decoded, and what decodes is folded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import strategies as st

from contracts.codec import Codec, UnreadableMessage, encode
from contracts.execution import ExecutionCreated
from contracts.topics import TOPICS
from services.web.core.live import begin
from tests.fuzz.text import mutated

RECORDED: dict[str, str] = json.loads((Path(__file__).parents[1] / "contract" / "messages.json").read_text())
CODECS: dict[str, Codec[Any]] = {
    name: Codec(topic.messages) for name, topic in TOPICS.items() if topic.messages is not None
}
ODD: list[object] = [
    None,
    True,
    -1,
    2**63,
    -(2**63),
    1e308,
    "",
    "\x00",
    "a" * 5_000,
    [],
    {},
    [[]] * 50,
    {"a": {"b": []}},
]
DECLARED = (UnreadableMessage,)


@st.composite
def _changed(draw: st.DrawFn, name: str) -> str:
    fields = json.loads(RECORDED[name])
    for _ in range(draw(st.integers(1, 3))):
        key = draw(st.sampled_from(sorted(fields)))
        if draw(st.booleans()):
            fields[key] = draw(st.sampled_from(ODD))
        elif key != "type":
            del fields[key]
        if not fields:
            break
    return json.dumps(fields)


@st.composite
def records(draw: st.DrawFn) -> tuple[str, bytes]:
    """A topic and a value."""
    name = draw(st.sampled_from(sorted(RECORDED)))
    text = draw(st.one_of(_changed(name), mutated(st.just(RECORDED[name]))))
    return name.split(" ")[0], text.encode("utf-8", "surrogatepass")


def check(example: tuple[str, bytes]) -> None:
    topic, value = example
    message = CODECS[topic].decode(value)
    again = encode(message)
    if _is_text(value):  # an attempt within a message is passed on as it is, and only its reader decodes it
        assert msgspec.json.decode(again)
    if isinstance(message, ExecutionCreated):
        begin(message)


def _is_text(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True
