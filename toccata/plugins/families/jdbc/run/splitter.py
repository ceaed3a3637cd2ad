"""Splits a script into statements at semicolons that are in no text, name, comment or block. It never knows a database."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_ROUTINES = frozenset({"PROCEDURE", "FUNCTION", "PACKAGE", "TRIGGER", "TYPE"})
_NO_BLOCK = frozenset(
    {";", "TRANSACTION", "TRAN", "WORK", "ISOLATION", "READ", "DEFERRED", "IMMEDIATE", "EXCLUSIVE"}
)
"""After BEGIN at the start of a statement: it begins a transaction."""
_OTHER_ENDS = frozenset({"IF", "LOOP", "WHILE", "REPEAT", "FOR"})
"""After END: it ends something that has not been counted."""
_CURSOR_WORDS = frozenset({"CURSOR", "BINARY", "SCROLL", "INSENSITIVE", "ASENSITIVE", "NO"})


@dataclass(frozen=True, slots=True)
class Lexis:
    """How a database's text differs from the standard."""

    backslashes: bool = False
    """A backslash takes the meaning of the next sign in a text."""
    hash_comments: bool = False


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    """``space`` (also comments), ``quoted``, ``word``, ``end`` (a semicolon) or ``sign``."""
    text: str


@dataclass(frozen=True, slots=True)
class Statement:
    text: str
    line: int
    """In the script, from 1."""


_QUOTED = {
    False: r"'(?:[^']|'')*+(?:'|$)",
    True: r"'(?:[^'\\]|''|\\.)*+(?:'|$)",
}


def tokens(script: str, lexis: Lexis = Lexis()) -> Iterator[Token]:
    """All signs of the script, in order. What is not closed goes to the end."""
    for found in _pattern(lexis).finditer(script):
        assert found.lastgroup is not None
        yield Token("quoted" if found.lastgroup == "dollar" else found.lastgroup, found[0])


def _pattern(lexis: Lexis) -> re.Pattern[str]:
    hashes = r"|\#[^\n]*+" if lexis.hash_comments else ""
    return re.compile(
        rf"""
        (?P<space>\s++|--[^\n]*+|/\*(?:(?!\*/).)*+(?:\*/|$){hashes})
      | (?P<quoted>[eE]'(?:[^'\\]|''|\\.)*+(?:'|$)|{_QUOTED[lexis.backslashes]}|"(?:[^"]|"")*+(?:"|$)|`[^`]*+(?:`|$)
          |(?<![\w)\]])\[[^\]]*+(?:\]|$)
          |(?<!\w)\$(?P<tag>[A-Za-z_]\w*|)\$.*?(?:\$(?P=tag)\$|$))
      | (?P<word>[A-Za-z_@\#][\w@$\#]*+)
      | (?P<end>;)
      | (?P<sign>.)
        """,
        re.VERBOSE | re.DOTALL,
    )


@dataclass(slots=True)
class _Open:
    """The statement that is being read."""

    line: int
    begun: bool = False
    """It has more than spaces and comments."""
    parts: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    """The first ones, in capitals."""
    depth: int = 0
    """Of BEGIN … END and CASE … END within a block."""
    blocks: bool = False
    """It is made of blocks, so BEGIN and END count."""
    declares: bool = False
    """Semicolons belong to declarations until the first BEGIN."""
    was_block: bool = False

    def goes_on(self) -> bool:
        return self.depth > 0 or self.declares

    def text(self) -> str:
        return "".join(self.parts).strip()

    def keeps_end(self) -> bool:
        return self.was_block or self.words[:1] == ["DO"]


def split(script: str, lexis: Lexis = Lexis()) -> list[Statement]:
    """The statements that are not empty. One that is only comments is empty."""
    found: list[Statement] = []
    line = 1
    now = _Open(line)
    flat = list(tokens(script, lexis))
    for place, token in enumerate(flat):
        if token.kind == "end" and not now.goes_on():
            _close(now, found, ";" if now.keeps_end() else "")
            now = _Open(line)
        else:
            if token.kind != "space" and not now.begun:
                now.line, now.begun = line, True
            now.parts.append(token.text)
            if token.kind == "word":
                _word(now, token.text.upper(), _next(flat, place))
        line += token.text.count("\n")
    _close(now, found, "")
    return found


def _close(now: _Open, found: list[Statement], end: str) -> None:
    if now.begun:
        found.append(Statement(now.text() + end, now.line))


def _next(flat: list[Token], place: int) -> str:
    """The next token that is no space, in capitals."""
    for token in flat[place + 1 : place + 20]:
        if token.kind != "space":
            return token.text.upper() if token.kind in {"word", "end"} else token.text
    return ""


def _word(now: _Open, word: str, following: str) -> None:
    first = not now.words
    if len(now.words) < 8:
        now.words.append(word)
    if first and word == "BEGIN" and following not in _NO_BLOCK and following:
        now.blocks = now.was_block = True
        now.depth = 1
    elif first and word == "DECLARE":
        now.declares = now.blocks = not following.startswith("@")
    elif len(now.words) == 3 and now.words[0] == "DECLARE" and word in _CURSOR_WORDS:
        now.declares = now.blocks = False
    elif now.words[0] == "CREATE" and word in _ROUTINES:
        now.blocks = True
    elif now.blocks:
        _block_word(now, word, following)


def _block_word(now: _Open, word: str, following: str) -> None:
    if word == "BEGIN":
        now.depth += 1
        now.declares, now.was_block = False, True
    elif word == "CASE" and now.depth and not _ends_case(now):
        now.depth += 1
    elif word == "END" and now.depth and following not in _OTHER_ENDS:
        now.depth -= 1
    elif word in {"IS", "AS"} and now.depth == 0 and now.words[0] == "CREATE" and not now.was_block:
        _declarations(now, following)


def _ends_case(now: _Open) -> bool:
    """``END CASE``: its END has been counted."""
    before = [part for part in now.parts[-6:-1] if part.strip()]
    return bool(before) and before[-1].upper() == "END"


def _declarations(now: _Open, following: str) -> None:
    """After IS or AS of a routine: PL/SQL declarations or a body, but not a body in quotes."""
    if following[:1] in {"$", "'"} or following in {
        "SELECT",
        "INSERT",
        "UPDATE",
        "DELETE",
        "WITH",
        "OBJECT",
        "ENUM",
        "(",
    }:
        return
    if "PACKAGE" in now.words:
        now.depth, now.was_block = 1, True
    elif {"PROCEDURE", "FUNCTION", "TRIGGER"} & set(now.words):
        now.declares = True
