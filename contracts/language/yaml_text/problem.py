"""Explains PyYAML's errors for people: what is wrong, where, and how to write it."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Explained:
    problem: str
    suggestion: str
    line: int
    """From 1, like the column."""
    column: int


INDENT_WITH_SPACES = "Indent with spaces: YAML does not allow tabs there."
QUOTE_EXPRESSION = 'Put the value in quotes: key: "{{ … }}".'
_PAIR = re.compile(r"^\s*(?:- )?[\w.$-]+$")
_GLUED = re.compile(r"^\s*(?:- )?([\w.$-]+):(\S.*)$")
_BRACES = re.compile(r"^\s*(?:- +)?(?:[\w.$-]+: +|- +)(\{\{|\{%)")
_VALUE = re.compile(r"^\s*(?:- +)?[\w.$-]+: +(.*)$")


def explain(problem: str, context: str, at: tuple[int, int], began: tuple[int, int], text: str) -> Explained:
    """Explain an error. ``at`` is where PyYAML noticed it, ``began`` where the part began that it was reading. Both from 1."""
    lines = text.split("\n")
    line = at[0]
    here = _line(lines, line)
    if "\t" in here[: len(here) - len(here.lstrip())] and ("tab" in problem or "cannot start" in problem):
        return Explained("a tab is used for indentation", INDENT_WITH_SPACES, line, here.index("\t") + 1)
    braces = _braces(lines, line, began[0])
    if braces is not None and "mapping values" not in problem:
        return Explained("an expression is not quoted", QUOTE_EXPRESSION, *braces)
    if "quoted scalar" in context and ("end of stream" in problem or "document indicator" in problem):
        return Explained("a quote is opened and never closed", "Close the text with the same quote.", *began)
    if "cannot start any token" in problem:
        return _strange_start(here, at)
    if "could not find expected ':'" in problem or _lacks_colon(lines, began[0], problem):
        return _no_colon(lines, began)
    if "mapping values are not allowed" in problem:
        return _second_colon(lines, at)
    return _by_words(problem, context, at, began, here)


def _line(lines: list[str], number: int) -> str:
    return lines[number - 1].rstrip("\r") if 0 < number <= len(lines) else ""


def _braces(lines: list[str], line: int, began: int) -> tuple[int, int] | None:
    for number in dict.fromkeys((line, line - 1, began)):
        found = _BRACES.match(_line(lines, number))
        if found is not None:
            return number, found.start(1) + 1
    return None


def _strange_start(here: str, at: tuple[int, int]) -> Explained:
    found = here[at[1] - 1 : at[1]]
    return Explained(f"a text cannot start with `{found}`", "Put the text in quotes.", *at)


def _lacks_colon(lines: list[str], number: int, problem: str) -> bool:
    here = _line(lines, number)
    return "mapping values" in problem and bool(here) and _PAIR.match(here) is not None and ":" not in here


def _no_colon(lines: list[str], began: tuple[int, int]) -> Explained:
    here = _line(lines, began[0])
    glued = _GLUED.match(here)
    if glued is not None:
        fixed = f"Write `{glued[1]}: {glued[2]}`."
        return Explained("a space is missing after the colon", fixed, began[0], glued.start(2) + 1)
    word = here.strip().removeprefix("- ").split(" ")[0][:60]
    return Explained(
        f"a colon is missing after `{word}`", f"Write `{word}: …`, with a space after the colon.", *began
    )


def _second_colon(lines: list[str], at: tuple[int, int]) -> Explained:
    """Explain a colon in a wrong place: in a value without quotes, or in a line that is indented too far."""
    line, column = at
    here, above = _line(lines, line), _line(lines, line - 1)
    value = _VALUE.match(here)
    if value is not None and column > value.start(1):
        text = value[1].strip()
        if text.startswith(("'", '"')):
            return Explained("text goes on after its closing quote", _QUOTES, *at)
        return Explained(
            "a value with a colon and a space in it is not quoted", "Put the whole value in quotes.", *at
        )
    is_pair = ": " in above or above.rstrip().endswith(":")
    if above.strip() and not is_pair and not above.strip().startswith(("#", "-")):
        return _no_colon(lines, (line - 1, len(above) - len(above.lstrip()) + 1))
    indented = len(here) - len(here.lstrip()) + 1
    return Explained(_INDENTED, _ALIGN, line, indented)


_QUOTES = "Inside a text in quotes use the other kind of quote, or write the text as a block after `|`."
_INDENTED = "this line is indented in another way than its neighbours"
_ALIGN = "Start the keys of one map in the same column, with two spaces more for each level."


def _by_words(
    problem: str, context: str, at: tuple[int, int], began: tuple[int, int], here: str
) -> Explained:
    before = here[: at[1] - 1].rstrip()
    if "did not find expected key" in problem and before.endswith(("'", '"')):
        return Explained("text goes on after its closing quote", _QUOTES, *at)
    if "did not find expected '-' indicator" in problem or "did not find expected key" in problem:
        return Explained(_INDENTED, _ALIGN, *at)
    for words, closing in (("',' or ']'", "]"), ("',' or '}'", "}")):
        if words in problem:
            return Explained(f"a list or map that begins here is not closed by `{closing}`", "", *began)
    if "unknown escape" in problem:
        advice = "Write `\\\\` for a backslash, or use single quotes."
        return Explained("this backslash does not begin an escape", advice, *at)
    if "alphabetic or numeric" in problem:
        return Explained(
            f"a text cannot start with `{here[began[1] - 1 :][:1]}`", "Put the text in quotes.", *began
        )
    if "block sequence entries" in problem:
        return Explained("a list cannot begin on the line of its key", "Begin it on the next line.", *at)
    if "block scalar" in context:
        return Explained("text follows `|` or `>` on the same line", "Begin the text on the next line.", *at)
    if "node content" in problem:
        found = here[at[1] - 1 : at[1]]
        return Explained(f"a value is missing before `{found}`" if found else "a value is missing", "", *at)
    return Explained(", ".join(part for part in (problem, context) if part) or "unreadable", "", *at)


def explain_character(text: str) -> Explained | None:
    """Explain the first character that YAML allows nowhere."""
    found = re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]", text)
    if found is None:
        return None
    line = text.count("\n", 0, found.start()) + 1
    column = found.start() - text.rfind("\n", 0, found.start())
    problem = f"the character U+{ord(found[0]):04X} cannot be written in YAML"
    return Explained(
        problem, 'Delete it, or write it as an escape in double quotes, such as "\\x07".', line, column
    )
