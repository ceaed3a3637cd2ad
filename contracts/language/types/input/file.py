"""``FILE``: a file in internal storage."""

from __future__ import annotations

import re

from pydantic import Field

from contracts.language.types.declaration import InputType
from contracts.language.types.input.common import Input
from contracts.language.types.input.value import text_of

_URI = re.compile(r"(?:kestra|nsfile|file):/{1,3}[^\s]+")


class FileInput(Input):
    """A file that is uploaded at the start, and stored before the execution exists. The value is its URI. Instead of a file, and
    as a default, a URI that begins with `kestra:///`, `nsfile:///` or `file:///` may be given."""

    extension: str | None = Field(
        None, description="the old form of `allowedFileExtensions`, for user interfaces"
    )
    allowed_file_extensions: tuple[str, ...] = Field(
        (), description="how the name of the file must end, such as `.csv`; any file without it"
    )
    accept: tuple[str, ...] = Field((), description="accepted, for user interfaces")


def parse(value: object) -> str:
    text = text_of(value)
    if not _URI.fullmatch(text):
        raise ValueError(
            f"expected a file, or a URI that begins with kestra:///, nsfile:/// or file:///, but received `{text}`"
        )
    return text


def check(declared: FileInput, value: str) -> list[str]:
    allowed = declared.allowed_file_extensions
    if not allowed or value.lower().endswith(tuple(each.lower() for each in allowed)):
        return []
    return [f"it must be a file of type `[{', '.join(allowed)}]`"]


FILE = InputType(
    name="FILE",
    title="File",
    properties=FileInput,
    examples=("{id: invoice, type: FILE, allowedFileExtensions: [.pdf]}",),
    parse=parse,
    check=check,
)
