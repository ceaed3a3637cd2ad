"""Filters on text."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from contracts.language.expression.attribute import last_index, replaced
from contracts.language.expression.budget import PER_ELEMENT, PER_ENTRY, PER_VALUE, Budget
from contracts.language.expression.check import is_empty
from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.frame import Frame
from contracts.language.expression.java_format import formatted
from contracts.language.expression.operator import name_of
from contracts.language.expression.pattern import bounded_length, divided, first_match, substitute
from contracts.language.expression.text import to_text
from contracts.language.expression.vocabulary import ABSENT, Word, integer_of, text_of, word_of


def _on_text(name: str, change: Any) -> Any:
    """Return a filter for text. It gets the budget, and charges what it makes."""

    def run(frame: Frame, value: object, *arguments: object) -> object:
        return None if value is None else change(frame.budget, text_of(value, f"`{name}`"), *arguments)

    return run


def _copying(name: str, change: Any, factor: int = 1) -> Any:
    """Return a filter whose result takes at most ``factor`` times what the text takes, with all that is made on the way."""

    def run(budget: Budget, text: str, *arguments: object) -> object:
        budget.chars(text, factor)
        return change(text, *arguments)

    return _on_text(name, run)


def _capitalize(text: str) -> str:
    stripped = text.lstrip()
    lead = text[: len(text) - len(stripped)]
    return lead + stripped[:1].upper() + stripped[1:]


def _abbreviate(text: str, length: object) -> str:
    most = integer_of(length, "`abbreviate`")
    return text if len(text) <= most else text[: max(0, most - 3)] + "..."


def _replace(budget: Budget, text: str, pairs: object, regexp: object = False) -> str:  # noqa: FBT002 - a parameter of the language
    if not isinstance(pairs, dict):
        raise ExpressionError(f"`replace` needs a map of replacements, found {name_of(pairs)}")
    for old, new in pairs.items():
        if regexp is True:
            text = substitute(str(old), to_text(new, budget), text, budget)
        else:
            text = replaced(budget, text, str(old), to_text(new, budget))
    return text


def _split(budget: Budget, text: str, delimiter: object, limit: object = ABSENT) -> list[str]:
    most = 0 if limit is ABSENT else integer_of(limit, "`split`")
    return divided(text_of(delimiter, "`split`"), text, most, budget)


def _slugify(text: str) -> str:
    plain = unicodedata.normalize("NFD", text)
    plain = re.sub(r"[\s_]+", "-", plain.strip().lower())
    return re.sub(r"-{2,}", "-", re.sub(r"[^a-z0-9-]", "", plain)).strip("-")


def _before(budget: Budget, text: str, separator: object, *, last: bool) -> str:
    mark = text_of(separator, "the separator")
    budget.chars(text)
    at = last_index(budget, text, mark) if last else text.find(mark)
    return text if at < 0 else text[:at]


def _after(budget: Budget, text: str, separator: object, *, last: bool) -> str:
    mark = text_of(separator, "the separator")
    budget.chars(text)
    at = last_index(budget, text, mark) if last else text.find(mark)
    return "" if at < 0 else text[at + len(mark) :]


_LINE_END = re.compile(r"\r\n|\n|\r")
_PER_LINE = 3 * (PER_VALUE + PER_ELEMENT)


def _space(budget: Budget, width: int, prefix: object, lines: int) -> str:
    unit = " " if prefix is ABSENT else text_of(prefix, "`indent`")
    size = len(unit) * max(0, width) * lines
    bounded_length(size)
    budget.charge((1 if unit.isascii() else 4) * size)
    return unit * width


def _indented(budget: Budget, text: str, amount: object, prefix: object = ABSENT) -> str:
    width = integer_of(amount, "`indent`")
    lines = text.count("\n") + text.count("\r") + 1
    budget.charge(_PER_LINE * lines)
    budget.chars(text, 3)
    space = _space(budget, width, prefix, lines)
    parts = _LINE_END.split(text)
    ends = _LINE_END.findall(text)
    return "".join([parts[0], *(end + space + part for end, part in zip(ends, parts[1:], strict=True))])


def _nindent(budget: Budget, text: str, amount: object, prefix: object = ABSENT) -> str:
    if not text:
        return ""
    end = _LINE_END.search(text)
    mark = end.group() if end else "\n"
    space = _space(budget, integer_of(amount, "`nindent`"), prefix, 1)
    budget.chars(text, 2)
    return mark + space + _indented(budget, text, amount, prefix)


def _escape(frame: Frame, value: Any, kind: object) -> Any:
    marks = {"single": ("'", "\\'"), "double": ('"', '\\"'), "shell": ("'", "'\\''")}
    if word_of(kind, "`escapeChar`") not in marks:
        raise ExpressionError(f"`escapeChar` does not know the type `{kind}`; use single, double or shell")
    frame.budget.charge(PER_ENTRY * len(value) if isinstance(value, dict | list | tuple) else 0)
    if isinstance(value, dict):
        return {key: _escape(frame, item, kind) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_escape(frame, item, kind) for item in value]
    return replaced(frame.budget, value, *marks[str(kind)]) if isinstance(value, str) else value


def _regex_match(budget: Budget, text: str, regex: object) -> bool:
    return first_match(text_of(regex, "`regexMatch`"), text, budget) is not None


def _regex_replace(budget: Budget, text: str, regex: object, replacement: object) -> str:
    pattern, new = text_of(regex, "`regexReplace`"), text_of(replacement, "`regexReplace`")
    return substitute(pattern, new, text, budget)


def _regex_extract(budget: Budget, text: str, regex: object, group: object = 0) -> str | None:
    found = first_match(text_of(regex, "`regexExtract`"), text, budget)
    try:
        return None if found is None else found.group(integer_of(group, "`regexExtract`"))
    except IndexError as error:
        raise ExpressionError(f"`regexExtract`: the pattern has no group {group}") from error


def _format(budget: Budget, text: str, *arguments: object) -> str:
    return formatted(text, arguments, budget)


def _default(frame: Frame, value: object, other: object) -> object:
    del frame
    return other if is_empty(value) else value


def _string(frame: Frame, value: object) -> str | None:
    return None if value is None else frame.text(value)


TEXT = {
    "upper": Word(
        _copying("upper", str.upper, 3), doc="The text in upper case.", example="{{ 'abc' | upper }} → ABC"
    ),
    "lower": Word(
        _copying("lower", str.lower, 3), doc="The text in lower case.", example="{{ 'ABC' | lower }} → abc"
    ),
    "trim": Word(
        _copying("trim", str.strip),
        doc="The text without white space at its start and end.",
        example="{{ '  a b ' | trim }} → a b",
    ),
    "capitalize": Word(
        _copying("capitalize", _capitalize, 4),
        doc="The text with its first letter in upper case.",
        example="{{ 'hello world' | capitalize }} → Hello world",
    ),
    "title": Word(
        _copying("title", lambda t: re.sub(r"\S+", lambda m: m.group()[:1].upper() + m.group()[1:], t), 64),
        doc="The text with the first letter of every word in upper case.",
        example="{{ 'hello world' | title }} → Hello World",
    ),
    "abbreviate": Word(
        _copying("abbreviate", _abbreviate, 2),
        ("length",),
        1,
        doc="The text cut to `length` characters. The last three of them are then dots.",
        example="{{ 'a long text' | abbreviate(8) }} → a lon...",
    ),
    "replace": Word(
        _on_text("replace", _replace),
        ("replace_pairs", "regexp"),
        1,
        doc="The text with each key of the map replaced by its value. With `regexp=true` the keys are regular expressions.",
        example="{{ 'a-b' | replace({'-': '+'}) }} → a+b",
    ),
    "split": Word(
        _on_text("split", _split),
        ("delimiter", "limit"),
        1,
        doc="The parts between matches of the regular expression `delimiter`, at most `limit` of them. Without a limit, empty parts at the end are left out.",
        example='{{ \'a,b,c\' | split(\',\') }} → ["a","b","c"]',
    ),
    "nl2br": Word(
        _on_text("nl2br", lambda budget, t: replaced(budget, t, "\n", "<br />")),
        doc="The text with `<br />` for every line break.",
        example="{{ 'a\nb' | nl2br }} → a<br />b",
    ),
    "slugify": Word(
        _copying("slugify", _slugify, 64),
        doc="The text in lower case, with hyphens between words and without accents and signs.",
        example="{{ 'Déjà vu!' | slugify }} → deja-vu",
    ),
    "substringBefore": Word(
        _on_text("substringBefore", lambda b, t, s: _before(b, t, s, last=False)),
        ("separator",),
        1,
        doc="The text before the first `separator`; the whole text if there is none.",
        example="{{ 'a.b.c' | substringBefore('.') }} → a",
    ),
    "substringBeforeLast": Word(
        _on_text("substringBeforeLast", lambda b, t, s: _before(b, t, s, last=True)),
        ("separator",),
        1,
        doc="The text before the last `separator`; the whole text if there is none.",
        example="{{ 'a.b.c' | substringBeforeLast('.') }} → a.b",
    ),
    "substringAfter": Word(
        _on_text("substringAfter", lambda b, t, s: _after(b, t, s, last=False)),
        ("separator",),
        1,
        doc="The text after the first `separator`; empty if there is none.",
        example="{{ 'a.b.c' | substringAfter('.') }} → b.c",
    ),
    "substringAfterLast": Word(
        _on_text("substringAfterLast", lambda b, t, s: _after(b, t, s, last=True)),
        ("separator",),
        1,
        doc="The text after the last `separator`; empty if there is none.",
        example="{{ 'a.b.c' | substringAfterLast('.') }} → c",
    ),
    "indent": Word(
        _on_text("indent", _indented),
        ("amount", "prefix"),
        1,
        doc="The text with every line but the first indented by `amount` times `prefix`, which is a space by default.",
        example="{{ 'a\nb' | indent(2) }} → a\n  b",
    ),
    "nindent": Word(
        _on_text("nindent", _nindent),
        ("amount", "prefix"),
        1,
        doc="A line break, then the text with every line indented.",
        example="x:{{ 'a' | nindent(2) }} → x:\n  a",
    ),
    "startsWith": Word(
        _on_text("startsWith", lambda _, t, v: t.startswith(text_of(v, "`startsWith`"))),
        ("value",),
        1,
        doc="Whether the text begins with `value`.",
        example="{{ 'abc' | startsWith('ab') }} → true",
    ),
    "endsWith": Word(
        _on_text("endsWith", lambda _, t, v: t.endswith(text_of(v, "`endsWith`"))),
        ("value",),
        1,
        doc="Whether the text ends with `value`.",
        example="{{ 'abc' | endsWith('bc') }} → true",
    ),
    "escapeChar": Word(
        _escape,
        ("type",),
        1,
        doc="The text with its quotes escaped for `single` or `double` quotes, or for a `shell`. It also works on maps and lists.",
        example="{{ 'it\\'s' | escapeChar('shell') }} → it'\\''s",
    ),
    "regexMatch": Word(
        _on_text("regexMatch", _regex_match),
        ("regex",),
        1,
        doc="Whether the regular expression matches anywhere in the text.",
        example="{{ 'order 42' | regexMatch('[0-9]+') }} → true",
    ),
    "regexReplace": Word(
        _on_text("regexReplace", _regex_replace),
        ("regex", "replacement"),
        2,
        doc="The text with every match replaced. `$1` and `${name}` stand for groups.",
        example="{{ 'a1b2' | regexReplace('[0-9]', '#') }} → a#b#",
    ),
    "regexExtract": Word(
        _on_text("regexExtract", _regex_extract),
        ("regex", "group"),
        1,
        doc="The first match, or one `group` of it; null if nothing matches.",
        example="{{ 'order 42' | regexExtract('[a-z]+ ([0-9]+)', 1) }} → 42",
    ),
    "format": Word(
        _on_text("format", _format),
        (),
        0,
        variadic=True,
        doc="The text with the arguments in its placeholders, as Java's `String.format`: `%s`, `%d`, `%,d`, `%.2f`, `%b`, `%2$s`; `%n` is a line break.",
        example="{{ '%s has %d' | format('Ada', 3) }} → Ada has 3",
    ),
    "default": Word(
        _default,
        ("default",),
        1,
        doc="The value, or the argument if the value is missing, null or empty.",
        example="{{ inputs.none | default('nobody') }} → nobody",
    ),
    "string": Word(
        _string, doc="The value as text, as a template prints it.", example="{{ 7 | string }} → 7"
    ),
}
