"""Splits template text into segments, and the content of ``{{ }}`` and ``{% %}`` into tokens. Knows no meaning."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from contracts.language.expression.place import syntax_error

SegmentKind: TypeAlias = Literal["text", "print", "tag", "raw"]
TokenKind: TypeAlias = Literal["name", "int", "float", "string", "interpolated", "op", "end"]


@dataclass(frozen=True, slots=True)
class Segment:
    kind: SegmentKind
    text: str
    position: int
    """The offset of ``text`` in the source."""


@dataclass(frozen=True, slots=True)
class Token:
    kind: TokenKind
    text: str
    position: int


_OPEN = re.compile(r"\{\{-?|\{%-?|\{#")
_RAW_TAG = re.compile(r"\s*(raw|verbatim)\b")
"""Before these tags a ``-`` trims nothing, as in Kestra."""
_VERBATIM = re.compile(r"\s*(raw|verbatim)\s*\Z")
_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<float>\d+\.\d+)
    |(?P<int>\d+)[lL]?
    |(?P<name>[^\W\d]\w*)
    |(?P<op>\?\?\?|\?\?|\.\.|==|!=|<=|>=|[-+*/%~|?:.,()\[\]{}<>=])
    """,
    re.VERBOSE,
)
_CLOSING = {"{{": "}}", "{%": "%}"}


def split(source: str) -> list[Segment]:
    """Return text and delimited pieces, in order. ``{{-`` and ``-}}`` have already trimmed the text beside them."""
    segments: list[Segment] = []
    at, trim_next = 0, False
    while True:
        opening = _OPEN.search(source, at)
        text = source[at : opening.start()] if opening else source[at:]
        if trim_next:
            text = text.lstrip()
        if opening and opening.group().endswith("-") and not _RAW_TAG.match(source, opening.end()):
            text = text.rstrip()
        if text:
            segments.append(Segment("text", text, at))
        if not opening:
            return segments
        at, trim_next = _delimited(source, opening, segments)


def _delimited(source: str, opening: re.Match[str], segments: list[Segment]) -> tuple[int, bool]:
    start = opening.end()
    if opening.group() == "{#":
        end = source.find("#}", start)
        if end < 0:
            raise syntax_error("The comment is not closed by `#}`", source, opening.start())
        return end + 2, source[end - 1] == "-" and end > start
    closing = _CLOSING[opening.group()[:2]]
    end = _find_close(source, start, closing)
    if end < 0:
        raise syntax_error(f"`{opening.group()}` is not closed by `{closing}`", source, opening.start())
    trim = source[end - 1] == "-" and end > start
    inside = source[start : end - 1] if trim else source[start:end]
    if closing == "%}" and (verbatim := _VERBATIM.match(inside)):
        return _raw(source, verbatim.group(1), end + 2, segments, trim=trim)
    segments.append(Segment("print" if closing == "}}" else "tag", inside, start))
    return end + 2, trim


def _raw(source: str, word: str, start: int, segments: list[Segment], *, trim: bool) -> tuple[int, bool]:
    closing = re.compile(r"\{%(-?)\s*end" + word + r"\s*(-?)%\}").search(source, start)
    if closing is None:
        raise syntax_error(f"`{word}` is not closed by `{{% end{word} %}}`", source, start)
    text = source[start : closing.start()]
    text = text.lstrip() if trim else text
    segments.append(Segment("raw", text.rstrip() if closing.group(1) else text, start))
    return closing.end(), bool(closing.group(2))


def _find_close(source: str, start: int, closing: str) -> int:
    """Return the first closing delimiter outside strings. A map may end right before it (``}}}``)."""
    at, depth = start, 0
    while at < len(source):
        char = source[at]
        if char in "'\"":
            at = _string_end(source, at)
            continue
        if char == "{":
            depth += 1
        elif char == "}" and depth and not (closing == "}}" and depth == 0):
            depth -= 1
            at += 1
            continue
        if depth == 0 and source.startswith(closing, at):
            return at
        at += 1
    return source.find(closing, start)


def _string_end(source: str, at: int) -> int:
    quote = source[at]
    at += 1
    while at < len(source):
        if source[at] == "\\":
            at += 2
            continue
        if source[at] == quote:
            return at + 1
        at += 1
    return len(source)


def tokenize(source: str, segment: Segment) -> list[Token]:
    """Return the tokens of a delimited segment. The last one has the kind ``end``."""
    text, base, at = segment.text, segment.position, 0
    tokens: list[Token] = []
    while at < len(text):
        if text[at] in "'\"":
            token, at = _string(source, text, base, at)
            tokens.append(token)
            continue
        match = _TOKEN.match(text, at)
        if match is None:
            raise syntax_error(f"Unexpected character `{text[at]}`", source, base + at)
        kind = match.lastgroup
        if kind != "space":
            assert kind is not None
            tokens.append(Token(kind, match.group(kind), base + at))  # type: ignore[arg-type]
        at = match.end()
    tokens.append(Token("end", "", base + len(text)))
    return tokens


def _string(source: str, text: str, base: int, at: int) -> tuple[Token, int]:
    quote = text[at]
    end = _string_end(text, at)
    if end - at < 2 or text[end - 1] != quote:
        raise syntax_error("The text is not closed by its quote", source, base + at)
    raw = text[at + 1 : end - 1]
    value = raw.replace("\\" + quote, quote)
    if quote == '"' and "#{" in value:
        return Token("interpolated", value, base + at + 1), end
    return Token("string", _unescape(value), base + at), end


def _unescape(value: str) -> str:
    """Turn a doubled backslash into one, as templates write them in regular expressions. Keep single ones."""
    return value.replace("\\\\", "\\")
