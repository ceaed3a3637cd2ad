"""The base of every message. A message type is named ``<entity>.<what>.v<version>``; records hold that name in the field
``type``. Topics store type names and field names: never rename them, but add a version and an upcaster."""

from __future__ import annotations

import msgspec


class Message(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", omit_defaults=True, gc=False):
    """A command, an event or a state record. Readers ignore unknown fields. An unknown type is poison."""


def type_of(message: Message | type[Message]) -> str:
    """Return the wire name, such as ``execution.started.v1``."""
    tag = message.__struct_config__.tag
    assert isinstance(tag, str)
    return tag
