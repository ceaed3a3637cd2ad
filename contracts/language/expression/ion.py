"""Amazon Ion as text: printing values, and reading them. Timestamps and symbols become text, decimals stay exact."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from contracts.language.expression.budget import PER_ELEMENT, PER_ENTRY, PER_VALUE, Budget
from contracts.language.expression.errors import ExpressionError, LimitExceeded
from contracts.language.expression.text import scalar_text

_DEEPEST = 100
_LONGEST = 1_048_576
_MOST_DIGITS = 1_000
_SYMBOL = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_KEYWORDS = frozenset({"null", "true", "false", "nan"})
_ESCAPED = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_ESCAPES = {
    "n": "\n", "t": "\t", "r": "\r", "0": "\0", "a": "\a", "b": "\b", "f": "\f", "v": "\v",
    '"': '"', "'": "'", "\\": "\\", "/": "/", "?": "?", "\n": "",
}  # fmt: skip
_SPACE = re.compile(r"(?:\s++|//[^\n]*+|/\*.*?\*/)*+", re.DOTALL)
_TIME = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?T?(?:\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2}))?")
_NUMBER = re.compile(r"-?(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eEdD][+-]?[0-9]+)?)")
_WORD = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*(?:\.[a-z]+)?|[+-]inf")
_OPERATOR = re.compile(r"[!#%&*+\-./;<=>?@^`|~]+")


def printed(value: Any, budget: Budget) -> str:
    """Return the value as Ion text. Null entries of maps stay."""
    budget.walk(value)
    return _printed(value, budget)


def _printed(value: Any, budget: Budget) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, str):
        budget.chars(value, 2)
        return '"' + "".join(_ESCAPED.get(sign, sign) for sign in value) + '"'
    if isinstance(value, Mapping):
        budget.charge(PER_ENTRY * (1 + len(value)))
        parts = [f"{_symbol(str(key))}:{_printed(each, budget)}" for key, each in value.items()]
        return "{" + ",".join(parts) + "}"
    if isinstance(value, list | tuple):
        budget.charge((PER_VALUE + PER_ELEMENT) * (1 + len(value)))
        return "[" + ",".join(_printed(each, budget) for each in value) + "]"
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else f'"{scalar_text(value)}"'


def _float(value: float) -> str:
    if value != value or value in {float("inf"), float("-inf")}:  # noqa: PLR0124 - not a number
        return "nan" if value != value else ("+inf" if value > 0 else "-inf")  # noqa: PLR0124
    text = repr(value)
    return text if "e" in text else f"{text}e0"


def _symbol(name: str) -> str:
    if _SYMBOL.fullmatch(name) and name not in _KEYWORDS:
        return name
    return "'" + name.replace("\\", "\\\\").replace("'", "\\'") + "'"


def read(text: str, budget: Budget, *, all_values: bool) -> Any:
    """Return the first value of the text, or the list of all. Raise ExpressionError with the place of what is wrong."""
    if len(text) > _LONGEST:
        raise LimitExceeded(f"`fromIon`: the text has more than {_LONGEST} characters")
    reader = _Reader(text, budget)
    values = []
    reader.space()
    while reader.at < len(text):
        values.append(reader.value(0))
        if not all_values:
            return values[0]
        reader.space()
    return values if all_values else None


class _Reader:
    def __init__(self, text: str, budget: Budget) -> None:
        self.text = text
        self.budget = budget
        self.at = 0

    def space(self) -> None:
        found = _SPACE.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def wrong(self, why: str) -> ExpressionError:
        return ExpressionError(f"`fromIon`: {why} at position {self.at + 1}")

    def value(self, depth: int) -> Any:
        if depth > _DEEPEST:
            raise LimitExceeded(f"`fromIon`: nested in more than {_DEEPEST} levels")
        self.budget.charge(PER_VALUE)
        self.space()
        start = self.text[self.at : self.at + 1]
        if self.text.startswith("{{", self.at):
            return self._bytes()
        if start == "{":
            return self._struct(depth)
        if start in {"[", "("}:
            return self._list("]" if start == "[" else ")", depth)
        if start == '"' or self.text.startswith("'''", self.at):
            return self._texts()
        found = self._symbol_or_number()
        self.space()
        if self.text.startswith("::", self.at):  # what stood there was an annotation
            self.at += 2
            return self.value(depth)
        return found

    def _symbol_or_number(self) -> Any:
        if self.text.startswith("'", self.at):
            return self._quoted("'")
        moment = _TIME.match(self.text, self.at)
        number = _NUMBER.match(self.text, self.at)
        if moment and len(moment[0]) > 4 and (number is None or len(moment[0]) > len(number[0])):
            self.at = moment.end()
            return moment[0]
        if number:
            self.at = number.end()
            return self._number(number[0].replace("_", ""))
        word = _WORD.match(self.text, self.at)
        if word:
            self.at = word.end()
            return self._word(word[0])
        sign = _OPERATOR.match(self.text, self.at)
        if sign is None:
            raise self.wrong("a value is expected")
        self.at = sign.end()
        return sign[0]

    def _word(self, word: str) -> Any:
        if word.partition(".")[0] == "null":
            return None
        words = {
            "true": True,
            "false": False,
            "nan": float("nan"),
            "+inf": float("inf"),
            "-inf": float("-inf"),
        }
        return words.get(word, word)

    def _number(self, text: str) -> Any:
        if len(text) > _MOST_DIGITS:
            raise LimitExceeded(f"`fromIon`: a number has more than {_MOST_DIGITS} digits")
        low = text.lower().lstrip("-")
        if low.startswith(("0x", "0b")):
            return int(text, 0)
        if "e" in low:
            return float(text)
        if "d" in low or "." in low:
            exact = Decimal(low.replace("d", "e")) * (-1 if text.startswith("-") else 1)
            near = float(exact)
            return near if Decimal(repr(near)) == exact else exact
        return int(text)

    def _texts(self) -> str:
        parts = []
        while True:
            if self.text.startswith("'''", self.at):
                parts.append(self._quoted("'''"))
            elif not parts:
                return self._quoted('"')
            else:
                break
            self.space()
        return "".join(parts)

    def _quoted(self, mark: str) -> str:
        at = self.at + len(mark)
        parts: list[str] = []
        while not self.text.startswith(mark, at):
            sign = self.text[at : at + 1]
            if not sign:
                raise self.wrong("a text is not closed")
            if sign != "\\":
                parts.append(sign)
                at += 1
                continue
            code = self.text[at + 1 : at + 2]
            width = {"x": 2, "u": 4, "U": 8}.get(code, 0)
            digits = self.text[at + 2 : at + 2 + width]
            if width:
                try:
                    parts.append(chr(int(digits, 16)))
                except (ValueError, OverflowError):
                    raise self.wrong(f"`\\{code}{digits}` is no character") from None
            elif code in _ESCAPES:
                parts.append(_ESCAPES[code])
            else:
                raise self.wrong(f"`\\{code}` is no escape")
            at += 2 + width
        self.budget.chars(self.text[self.at : at])
        self.at = at + len(mark)
        return "".join(parts)

    def _bytes(self) -> str:
        """Bytes become base64, text in double braces becomes text."""
        self.at += 2
        self.space()
        if self.text[self.at : self.at + 1] in {'"', "'"}:
            found = self._texts()
            self.space()
        else:
            end = self.text.find("}}", self.at)
            found = "".join(self.text[self.at : max(end, self.at)].split())
            try:
                base64.b64decode(found, validate=True)
            except ValueError:
                raise self.wrong("this is not base64") from None
            self.at = max(end, self.at)
        self._need("}}")
        return found

    def _need(self, mark: str) -> None:
        if not self.text.startswith(mark, self.at):
            raise self.wrong(f"`{mark}` is expected")
        self.at += len(mark)

    def _struct(self, depth: int) -> dict[str, Any]:
        self.at += 1
        found: dict[str, Any] = {}
        while True:
            self.space()
            if self.text.startswith("}", self.at):
                self.at += 1
                return found
            start = self.text[self.at : self.at + 1]
            quoted = start in {'"', "'"}
            name = self._texts() if start == '"' or self.text.startswith("'''", self.at) else None
            if name is None:
                name = self._quoted("'") if quoted else str(self._symbol_or_number())
            self.space()
            self._need(":")
            self.budget.charge(PER_ENTRY)
            found[name] = self.value(depth + 1)
            self.space()
            if not self.text.startswith("}", self.at):
                self._need(",")

    def _list(self, end: str, depth: int) -> list[Any]:
        self.at += 1
        found: list[Any] = []
        while True:
            self.space()
            if self.text.startswith(end, self.at):
                self.at += 1
                return found
            self.budget.charge(PER_ELEMENT)
            found.append(self.value(depth + 1))
            self.space()
            if end == "]" and not self.text.startswith(end, self.at):
                self._need(",")
