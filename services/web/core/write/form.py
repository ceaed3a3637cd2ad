"""Reads a multipart body of a webhook: its fields and its files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from python_multipart.exceptions import FormParserError, MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from services.web.core.problem import bad_request

MOST_PARTS = 1_000


@dataclass(frozen=True, slots=True)
class Upload:
    name: str
    """Of its field."""
    filename: str
    content_type: str
    content: bytes


class Form(NamedTuple):
    fields: dict[str, list[str]]
    files: list[Upload]


class _Parts:
    """Gathers the parts while the body is read."""

    def __init__(self) -> None:
        self.found: list[tuple[dict[str, str], bytes]] = []
        self._headers: dict[str, str] = {}
        self._name = b""
        self._value = b""
        self._content: list[bytes] = []

    def begin(self) -> None:
        if len(self.found) >= MOST_PARTS:
            raise bad_request(f"the multipart body has more than {MOST_PARTS} parts")
        self._headers, self._content = {}, []

    def name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def header(self) -> None:
        self._headers[self._name.decode("latin1").lower()] = self._value.decode("utf-8", "replace")
        self._name = self._value = b""

    def content(self, data: bytes, start: int, end: int) -> None:
        self._content.append(data[start:end])

    def end(self) -> None:
        self.found.append((self._headers, b"".join(self._content)))


def form_of(body: bytes, content_type: str) -> Form:
    """Raises Problem 400 if the body is not what its type says."""
    _, options = parse_options_header(content_type)
    boundary = options.get(b"boundary")
    if not boundary:
        raise bad_request("the multipart body has no boundary")
    parts = _Parts()
    try:
        parser = MultipartParser(
            boundary,
            {
                "on_part_begin": parts.begin,
                "on_header_field": parts.name,
                "on_header_value": parts.value,
                "on_header_end": parts.header,
                "on_part_data": parts.content,
                "on_part_end": parts.end,
            },
        )
        parser.write(body)
        parser.finalize()
    except (MultipartParseError, FormParserError) as error:
        raise bad_request(f"the multipart body cannot be read: {error}") from None
    fields: dict[str, list[str]] = {}
    files: list[Upload] = []
    for headers, content in parts.found:
        _, disposition = parse_options_header(headers.get("content-disposition", ""))
        name = disposition.get(b"name", b"").decode("utf-8", "replace")
        if b"filename" not in disposition:
            fields.setdefault(name, []).append(content.decode("utf-8", "replace"))
            continue
        filename = disposition[b"filename"].decode("utf-8", "replace")
        kind = headers.get("content-type", "application/octet-stream")
        files.append(Upload(name, filename, kind, content))
    return Form(fields, files)
