"""The files that are generated from the contracts are checked in and up to date."""

from __future__ import annotations

import json

from contracts.codec import message_types
from contracts.generate import FOLDER, stale
from contracts.language.types.generate import stale as types_stale
from contracts.message import type_of
from contracts.topics import TOPICS
from toccata.plugins.generate import stale as plugins_stale


def test_nothing_generated_is_stale() -> None:
    assert stale() == []


def test_the_index_of_the_engines_types_is_not_stale() -> None:
    assert not types_stale()


def test_the_index_of_our_plugins_is_not_stale() -> None:
    assert plugins_stale() == []


def test_asyncapi_names_every_message_of_the_outside() -> None:
    document = json.loads((FOLDER / "asyncapi.json").read_text())
    outside = {"public in", "public out", "documented"}
    wanted = {
        type_of(message)
        for topic in TOPICS.values()
        if topic.visibility in outside and topic.messages is not None
        for message in message_types(topic.messages)
    }
    assert set(document["components"]["messages"]) == wanted
    assert document["asyncapi"].startswith("3.")
