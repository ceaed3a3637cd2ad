"""Values and files of namespaces."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from contracts.namespace import ValueKind
from services.web.document.schema.base import Instant, Shape


class ValueEntry(Shape):
    namespace: str
    key: str
    version: int
    revision: int = Field(description="the same as `version`")
    description: str | None = None
    creation_date: Instant
    update_date: Instant
    expiration_date: Instant | None = None


class StoredValue(Shape):
    type: ValueKind
    value: Any
    revision: int
    updated: Instant


class ValueKeys(Shape):
    keys: list[str]


class FileAttributes(Shape):
    file_name: str
    last_modified_time: int = Field(description="in milliseconds")
    creation_time: int = Field(description="in milliseconds")
    type: Literal["File", "Directory"]
    size: int = Field(description="in bytes")
    metadata: dict[str, str]


class FileRevisionNumber(Shape):
    revision: int
