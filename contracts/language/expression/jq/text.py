"""jq's functions on texts, and its rows of CSV, TSV and shell words."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from contracts.language.expression.budget import PER_ELEMENT, PER_ENTRY, PER_VALUE
from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.frame import Frame
from contracts.language.expression.pattern import all_matches, bounded_length

_FLAGS = {"i": "i", "x": "x", "s": "s", "g": "", "n": "", "l": "", "p": "s"}


def _needed(value: Any, what: str) -> str:
    if not isinstance(value, str):
        raise _fail(f"{what} input must be a string")
    return value


def _fail(message: str) -> Exception:
    from contracts.language.expression.jq.run import Raised

    return Raised(message)


def divided(text: str, mark: str, frame: Frame) -> list[str]:
    frame.budget.charge((PER_ELEMENT + PER_VALUE) * (1 + (text.count(mark) if mark else len(text))))
    frame.budget.chars(text)
    return [] if not text else (text.split(mark) if mark else list(text))


def row(value: Any, form: str) -> str:
    if form == "@sh":
        return " ".join(_shell(each) for each in (value if isinstance(value, (list, tuple)) else [value]))
    if not isinstance(value, (list, tuple)):
        raise _fail(f"{form[1:]} input must be an array")
    cells = [_cell(each, form) for each in value]
    return ("," if form == "@csv" else "\t").join(cells)


def _cell(value: Any, form: str) -> str:
    if isinstance(value, (dict, list, tuple)):
        raise _fail(f"a {form[1:]} row cannot hold an array or an object")
    if isinstance(value, str):
        if form == "@csv":
            return '"' + value.replace('"', '""') + '"'
        return value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
    return "" if value is None else _plain(value)


def _shell(value: Any) -> str:
    if isinstance(value, (dict, list, tuple)):
        raise _fail("an array or an object cannot be escaped for shell")
    return "'" + value.replace("'", "'\\''") + "'" if isinstance(value, str) else _plain(value)


def _plain(value: Any) -> str:
    return format(value, "f") if isinstance(value, Decimal) else json.dumps(value)


def _join(frame: Frame, value: Any, mark: str) -> str:
    cells = ["" if each is None else each if isinstance(each, str) else _plain(each) for each in value]
    frame.made(sum(map(len, cells)) + len(mark) * len(cells))
    return mark.join(cells)


def _one(function: Callable[..., Any]) -> Callable[..., Iterator[Any]]:
    def run(frame: Frame, value: Any, *arguments: Any) -> Iterator[Any]:
        try:
            if isinstance(value, str):
                frame.budget.chars(value, 4)
            yield function(frame, value, *arguments)
        except (TypeError, ValueError, AttributeError, OverflowError) as error:
            if isinstance(error, ExpressionError):
                raise
            raise _fail(f"{error}") from None

    return run


def _pattern(regex: Any, flags: Any = None) -> tuple[str, bool]:
    """Return Java's pattern, and whether all matches are wanted."""
    if isinstance(regex, list):
        regex, flags = regex[0], regex[1] if len(regex) > 1 else None
    wanted = flags or ""
    if not set(wanted) <= set(_FLAGS):
        raise _fail(f"{wanted} is not a valid modifier string")
    inline = "".join(dict.fromkeys(_FLAGS[each] for each in wanted if _FLAGS[each]))
    return (f"(?{inline})" if inline else "") + _needed(regex, "regex"), "g" in wanted


def _found(frame: Frame, value: Any, regex: Any, flags: Any = None) -> list[Any]:
    pattern, many = _pattern(regex, flags)
    return all_matches(pattern, _needed(value, "match"), frame.budget, None if many else 1)


def _match(frame: Frame, value: Any, regex: Any, flags: Any = None) -> Iterator[Any]:
    for each in _found(frame, value, regex, flags):
        names = {number: name for name, number in each.re.groupindex.items()}
        frame.budget.charge(4 * PER_ENTRY * (1 + each.re.groups))
        yield {
            "offset": each.start(),
            "length": each.end() - each.start(),
            "string": each[0],
            "captures": [
                {
                    "offset": each.start(number),
                    "length": max(0, each.end(number) - each.start(number)),
                    "string": each[number],
                    "name": names.get(number),
                }
                for number in range(1, each.re.groups + 1)
            ],
        }


def _capture(frame: Frame, value: Any, regex: Any, flags: Any = None) -> Iterator[Any]:
    for each in _found(frame, value, regex, flags):
        yield each.groupdict()


def _scan(frame: Frame, value: Any, regex: Any, flags: str = "") -> Iterator[Any]:
    for each in _found(frame, value, regex, flags + "g"):
        yield list(each.groups()) if each.re.groups else each[0]


def _split(frame: Frame, value: Any, regex: Any, flags: Any) -> list[str]:
    begin, parts = 0, []
    for each in _found(frame, value, regex, (flags or "") + "g"):
        parts.append(value[begin : each.start()])
        begin = each.end()
    return [*parts, value[begin:]]


def _sub(frame: Frame, value: Any, regex: Any, new: Any, flags: str = "") -> str:
    begin, parts, size = 0, [], 0
    for each in _found(frame, value, regex, flags):
        parts += [value[begin : each.start()], _needed(new, "replacement")]
        begin = each.end()
        size += len(parts[-1]) + len(parts[-2])
        bounded_length(size)
    return "".join([*parts, value[begin:]])


WORDS: Mapping[tuple[str, int], Callable[..., Iterator[Any]]] = {
    ("ascii_downcase", 0): _one(lambda _, v: v.lower()),
    ("ascii_upcase", 0): _one(lambda _, v: v.upper()),
    ("startswith", 1): _one(
        lambda _, v, p: _needed(v, "startswith()").startswith(_needed(p, "startswith()"))
    ),
    ("endswith", 1): _one(lambda _, v, p: _needed(v, "endswith()").endswith(_needed(p, "endswith()"))),
    ("ltrimstr", 1): _one(
        lambda _, v, p: v.removeprefix(p) if isinstance(v, str) and isinstance(p, str) else v
    ),
    ("rtrimstr", 1): _one(
        lambda _, v, p: v.removesuffix(p) if isinstance(v, str) and isinstance(p, str) else v
    ),
    ("trim", 0): _one(lambda _, v: _needed(v, "trim").strip()),
    ("ltrim", 0): _one(lambda _, v: _needed(v, "trim").lstrip()),
    ("rtrim", 0): _one(lambda _, v: _needed(v, "trim").rstrip()),
    ("explode", 0): _one(lambda f, v: [ord(each) for each in v]),
    ("implode", 0): _one(lambda _, v: "".join(chr(each) for each in v)),
    ("split", 1): _one(lambda f, v, mark: divided(_needed(v, "split"), _needed(mark, "split"), f)),
    ("split", 2): _one(_split),
    ("splits", 1): lambda f, v, regex: iter(_split(f, v, regex, "")),
    ("splits", 2): lambda f, v, regex, flags: iter(_split(f, v, regex, flags)),
    ("join", 1): _one(_join),
    ("test", 1): _one(lambda f, v, regex: bool(_found(f, v, regex))),
    ("test", 2): _one(lambda f, v, regex, flags: bool(_found(f, v, regex, flags))),
    ("match", 1): _match,
    ("match", 2): _match,
    ("capture", 1): _capture,
    ("capture", 2): _capture,
    ("scan", 1): _scan,
    ("scan", 2): _scan,
    ("sub", 2): _one(_sub),
    ("sub", 3): _one(_sub),
    ("gsub", 2): _one(lambda f, v, regex, new: _sub(f, v, regex, new, "g")),
    ("gsub", 3): _one(lambda f, v, regex, new, flags: _sub(f, v, regex, new, flags + "g")),
}
"""By name and number of arguments."""
