"""Forms as bodies: URL-encoded, or in parts of which some are files of internal storage, sent without holding them."""

from __future__ import annotations

import json
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlencode

_FILE = "application/octet-stream"


class Files(Protocol):
    def stream(self, uri: str) -> AsyncIterator[bytes]: ...

    async def size(self, uri: str) -> int: ...


@dataclass(frozen=True, slots=True)
class TextPart:
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class FilePart:
    name: str
    filename: str
    uri: str
    content_type: str = _FILE


class Multipart:
    """A body in parts. It may be iterated again."""

    def __init__(self, parts: Sequence[TextPart | FilePart], files: Files) -> None:
        self._parts, self._files = parts, files
        self._boundary = secrets.token_hex(16)
        self.content_type = f"multipart/form-data; boundary={self._boundary}"

    async def length(self) -> int:
        """Bytes in all. Raise StorageRefused if a file is missing."""
        size = len(self._end())
        for part in self._parts:
            size += len(self._head(part)) + 2
            size += (
                await self._files.size(part.uri) if isinstance(part, FilePart) else len(part.value.encode())
            )
        return size

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self._parts:
            yield self._head(part)
            if isinstance(part, FilePart):
                async for chunk in self._files.stream(part.uri):
                    yield chunk
            else:
                yield part.value.encode()
            yield b"\r\n"
        yield self._end()

    def _head(self, part: TextPart | FilePart) -> bytes:
        lines = [f"--{self._boundary}", f'Content-Disposition: form-data; name="{_quoted(part.name)}"']
        if isinstance(part, FilePart):
            lines[1] += f'; filename="{_quoted(part.filename)}"'
            lines.append(f"Content-Type: {part.content_type}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def _end(self) -> bytes:
        return f"--{self._boundary}--\r\n".encode()


def _quoted(name: str) -> str:
    """As browsers write names: so no name ends the header early."""
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def form_parts(form: Mapping[str, Any]) -> list[TextPart | FilePart]:
    """A file's URI becomes a file, ``{name, content}`` one with that name, other texts are texts, and the rest is JSON."""
    return [_part(name, value) for name, value in form.items() if value is not None]


def _part(name: str, value: Any) -> TextPart | FilePart:
    match value:
        case str() if _is_file(value):
            return FilePart(name, value.rpartition("/")[2], value)
        case {"name": filename, "content": str(uri)} if _is_file(uri):
            return FilePart(name, str(filename), uri)
        case str():
            return TextPart(name, value)
        case _:
            return TextPart(name, json.dumps(value))


def _is_file(text: str) -> bool:
    return text.startswith(("kestra://", "nsfile://"))


def url_encoded(form: Mapping[str, Any], charset: str) -> bytes:
    pairs = [
        (name, each if isinstance(each, str) else json.dumps(each))
        for name, value in form.items()
        if value is not None
        for each in (value if isinstance(value, list) else [value])
    ]
    return urlencode(pairs, encoding=charset).encode("ascii")
