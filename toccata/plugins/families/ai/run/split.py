"""Cuts texts into segments. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_PIECES = {
    "PARAGRAPH": re.compile(r"(?<=\n)\s*\n+"),
    "LINE": re.compile(r"(?<=\n)"),
    "SENTENCE": re.compile(r"(?<=[.!?])\s+"),
    "WORD": re.compile(r"(?<=\s)(?=\S)"),
}
_FINER = ("PARAGRAPH", "LINE", "SENTENCE", "WORD")


def segments(text: str, how: str, most: int, overlap: int) -> list[str]:
    """Segments of at most ``most`` characters. Each begins with at most ``overlap`` characters from the end of the one before,
    in whole pieces. A piece that is too long is cut finer; a word that is too long is cut anywhere."""
    pieces = list(_pieces(text, "PARAGRAPH" if how == "RECURSIVE" else how, most))
    found: list[str] = []
    current: list[str] = []
    for piece in pieces:
        if current and _length(current) + len(piece) > most:
            found.append("".join(current))
            current = _tail(current, overlap, most - len(piece))
        current.append(piece)
    if current:
        found.append("".join(current))
    return [segment.strip() for segment in found if segment.strip()]


def _pieces(text: str, how: str, most: int) -> Iterator[str]:
    at = 0
    for found in [*(match.end() for match in _PIECES[how].finditer(text)), len(text)]:
        piece = text[at:found]
        at = found
        if len(piece) <= most:
            yield piece
        elif how == _FINER[-1]:
            yield from (piece[start : start + most] for start in range(0, len(piece), most))
        else:
            yield from _pieces(piece, _FINER[_FINER.index(how) + 1], most)


def _tail(pieces: Sequence[str], overlap: int, room: int) -> list[str]:
    kept: list[str] = []
    for piece in reversed(pieces):
        if _length(kept) + len(piece) > min(overlap, room):
            break
        kept.insert(0, piece)
    return kept


def _length(pieces: Sequence[str]) -> int:
    return sum(map(len, pieces))
