"""The base of every message. Message types are named ``<entity>.<what>.v<version>``; the name stands in the record
as field ``type``. Type names and field names are stored in topics: never rename, add a version and an upcaster."""

from __future__ import annotations

import msgspec


class Message(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", omit_defaults=True, gc=False):
    """A command, an event or a state record. Unknown fields are ignored by readers, unknown types are poison."""


def type_of(message: Message | type[Message]) -> str:
    """The wire name: ``execution.started.v1``."""
    tag = message.__struct_config__.tag
    assert isinstance(tag, str)
    return tag
