"""The beginning of a file as clients show it: a picture, rows, or text. A file that does not match its extension is text."""

from __future__ import annotations

import codecs
import csv
import io
from base64 import b64encode
from dataclasses import dataclass
from typing import Any

import orjson

from services.web.core.problem import invalid_argument
from services.web.core.view.page import Json

INITIAL_ROWS, MOST_ROWS = 100, 5_000
TEXT_BYTES = 2 * 1024 * 1024
"""The limit for reading a text or a table."""
WHOLE_BYTES = 10 * 1024 * 1024
"""The largest picture or PDF that is shown."""
_WHOLE = {
    "pdf": "PDF", "png": "IMAGE", "jpg": "IMAGE", "jpeg": "IMAGE", "gif": "IMAGE", "webp": "IMAGE", "svg": "IMAGE", "bmp": "IMAGE",
}  # fmt: skip
_ENCODINGS = frozenset(
    {"utf-8", "utf-16", "utf-16-le", "utf-16-be", "ascii", "iso8859-1", "iso8859-15", "cp1252"}
)
"""The allowed encodings. Some others of Python take quadratic time."""


@dataclass(frozen=True, slots=True)
class Asked:
    rows: int = INITIAL_ROWS
    encoding: str = "utf-8"


def extension_of(name: str) -> str:
    return name.rpartition(".")[2].lower() if "." in name else ""


def is_shown_whole(name: str) -> bool:
    return extension_of(name) in _WHOLE


def asked(rows: int | None, encoding: str | None) -> Asked:
    """Raises Problem 422."""
    try:
        known = codecs.lookup(encoding or "utf-8").name
    except (LookupError, ValueError):
        known = ""
    if known not in _ENCODINGS:
        raise invalid_argument(
            f"Unable to preview using encoding '{(encoding or '')[:40]}': it must be one of {', '.join(sorted(_ENCODINGS))}"
        )
    return Asked(min(INITIAL_ROWS if rows is None else rows, MOST_ROWS), known)


def preview(name: str, content: bytes, asked: Asked, *, cut: bool) -> Json:
    """``cut`` is true if the file is longer than ``content``."""
    extension = extension_of(name)
    page: Json = {"extension": extension}
    if extension in _WHOLE:
        return {**page, "type": _WHOLE[extension], "content": b64encode(content).decode(), "truncated": False}
    text = content.decode(asked.encoding, errors="replace")
    rows = _rows(extension, text, cut=cut)
    if rows is not None:
        shown = rows[: asked.rows]
        more = cut or len(rows) > len(shown)
        return {**page, "type": "LIST", "content": shown, "maxLine": asked.rows, "truncated": more}
    lines = text.splitlines(keepends=True)
    kind = "MARKDOWN" if extension == "md" else "TEXT"
    shown_text = "".join(lines[: asked.rows])
    more = cut or len(lines) > asked.rows
    return {**page, "type": kind, "content": shown_text, "maxLine": asked.rows, "truncated": more}


def _rows(extension: str, text: str, *, cut: bool) -> list[Any] | None:
    """The rows, or None if it is not a table. If the file was cut, its last line may be incomplete."""
    if extension not in {"csv", "jsonl", "ndjson"}:
        return None
    whole = text[: text.rfind("\n") + 1] if cut else text
    try:
        if extension == "csv":
            return [
                dict(row) for row in csv.DictReader(io.StringIO(whole, newline=""), restkey="", restval="")
            ]
        return [orjson.loads(line) for line in whole.splitlines() if line.strip()]
    except (csv.Error, orjson.JSONDecodeError):
        return None
