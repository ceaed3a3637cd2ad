"""Flow sources as text, before they are read: several in one text, and the line that is not the author's."""

from __future__ import annotations

import re

_DOCUMENT_START = re.compile(r"^---(?:[ \t]+(.*)|)$")
_REVISION = re.compile(r"^revision:[ \t]*[^\n]*\n?", re.MULTILINE)


def split_documents(text: str) -> list[str]:
    """Split a multi-document text into its documents, each as written. Empty ones are left out."""
    parts: list[list[str]] = [[]]
    for line in text.splitlines(keepends=True):
        start = _DOCUMENT_START.match(line.rstrip("\r\n"))
        if start is None:
            parts[-1].append(line)
        else:
            rest = start.group(1)
            parts.append([rest + "\n"] if rest and not rest.startswith("#") else [])
    return ["".join(part) for part in parts if any(_has_content(line) for line in part)]


def without_revision(text: str) -> str:
    """Return the source without its top-level ``revision:`` line, because the registry numbers revisions."""
    return _REVISION.sub("", text, count=1)


def _has_content(line: str) -> bool:
    stripped = line.strip()
    return bool(stripped) and not stripped.startswith("#") and stripped != "..."
