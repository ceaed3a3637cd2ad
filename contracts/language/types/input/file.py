"""``FILE``: a file in internal storage."""

from __future__ import annotations

from pydantic import Field

from contracts.language.types.declaration import InputType
from contracts.language.types.input import uri
from contracts.language.types.input.common import Input


class FileInput(Input):
    """The URI of a file in internal storage. A file that is uploaded at the start is stored first."""

    extension: str | None = Field(None, description="accepted, for user interfaces")
    allowed_file_extensions: tuple[str, ...] = Field((), description="accepted, for user interfaces")
    accept: tuple[str, ...] = Field((), description="accepted, for user interfaces")


FILE = InputType(
    name="FILE",
    title="File",
    properties=FileInput,
    examples=("{id: invoice, type: FILE, allowedFileExtensions: [.pdf]}",),
    parse=uri.parse,
)
