"""Functions that create or read values."""

from __future__ import annotations

import uuid
from typing import Any

import yaml

from contracts.json_text import NotJson, loads
from contracts.language.expression import ion
from contracts.language.expression.date_printing import format_moment
from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.filters.time import optional
from contracts.language.expression.frame import Frame
from contracts.language.expression.moment import to_moment
from contracts.language.expression.operator import are_characters, compare, integers, name_of, span
from contracts.language.expression.reading import charge_json, loaded
from contracts.language.expression.vocabulary import ABSENT, Word, integer_of, text_of, word_of
from contracts.scalars import base62

_NANO_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"
_NANO_SIGNS = 21
_MOST_NANO_SIGNS = 1_000


def _now(
    frame: Frame,
    form: object = ABSENT,
    zone: object = ABSENT,
    existing: object = ABSENT,
    locale: object = ABSENT,
) -> str:
    del existing
    at = to_moment(frame.scope.now, optional(zone), None)
    return format_moment(at, optional(form) or "iso", optional(locale))


def _from_json(frame: Frame, json: object) -> Any:
    if json is None:
        return None
    text = text_of(json, "`fromJson`")
    charge_json(text, frame.budget)
    try:
        return loads(text)
    except NotJson as error:
        raise ExpressionError(f"`fromJson`: not JSON: {error}") from error


def _from_ion(frame: Frame, text: object, all_rows: object = False) -> Any:  # noqa: FBT002 - a parameter of the language
    if text is None:
        return None
    return ion.read(text_of(text, "`fromIon`"), frame.budget, all_values=all_rows is True)


def _yaml(frame: Frame, document: object) -> Any:
    if document is None:
        return None
    text = text_of(document, "`yaml`")
    try:
        return loaded(text, frame.budget)
    except (yaml.YAMLError, RecursionError, ValueError, AttributeError) as error:
        raise ExpressionError(f"`yaml`: not YAML: {error}") from error


def _random_int(frame: Frame, lower: object, upper: object) -> int:
    least, most = integer_of(lower, "`randomInt`"), integer_of(upper, "`randomInt`")
    if most < least:
        raise ExpressionError("`randomInt`: the upper bound is below the lower one")
    return least if most == least else frame.random.randrange(least, most)


def _nano_id(frame: Frame, length: object = None, alphabet: object = None) -> str:
    size = _NANO_SIGNS if length is None else integer_of(length, "`nanoId`")
    signs = _NANO_ALPHABET if alphabet is None else word_of(alphabet, "`nanoId`")
    if not 0 <= size <= _MOST_NANO_SIGNS or not signs:
        raise ExpressionError(
            f"`nanoId` needs a length of 0 to {_MOST_NANO_SIGNS:,} and an alphabet that is not empty"
        )
    frame.budget.charge(size)
    return "".join(frame.random.choice(signs) for _ in range(size))


def _extreme(name: str, operator: str) -> Any:
    better = compare(operator)

    def run(frame: Frame, *values: Any) -> Any:
        if not values:
            raise ExpressionError(f"`{name}` needs at least one number")
        best = values[0]
        for value in values:
            if value is None or isinstance(value, str):
                raise ExpressionError(f"`{name}` needs numbers, found {name_of(value)}")
            best = value if better(value, best, frame.budget) else best
        return best

    return run


def _range(frame: Frame, start: Any, end: Any, increment: object = ABSENT) -> list[object]:
    step = 1 if increment is ABSENT else integer_of(increment, "`range`")
    return span(start, end, step, frame.budget, frame.scope.limits.max_elements)


def bounds(frame: Frame, start: Any, end: Any, increment: object = ABSENT) -> range | None:
    """Return what `range` gives without making its elements. None for characters."""
    if are_characters(start, end):
        return None
    step = 1 if increment is ABSENT else integer_of(increment, "`range`")
    return integers(start, end, step, frame.scope.limits.max_elements)


def _env(frame: Frame, name: object, default: object = ABSENT) -> object:
    envs, wanted = frame.variables.get("envs"), word_of(name, "`env`")
    found = envs.get(wanted.lower()) if isinstance(envs, dict) else None
    if found in {None, ""}:
        if default is ABSENT:
            raise ExpressionError(f"There is no environment variable `{wanted}`")
        return default
    return found


VALUE = {
    "now": Word(
        _now,
        ("format", "timeZone", "existingFormat", "locale"),
        doc="The present time in this [format](../language/expressions.md#dates) and `timeZone`.",
        example="{{ now('yyyy-MM-dd HH:mm') }} → 2026-03-01 12:30",
    ),
    "fromJson": Word(
        _from_json,
        ("json",),
        1,
        doc="The value of the JSON text.",
        example="{{ fromJson('{\"a\": 1}').a }} → 1",
    ),
    "json": Word(
        _from_json,
        ("json",),
        1,
        doc="The older name of `fromJson`.",
        example="{{ json('[1, 2]') | length }} → 2",
    ),
    "fromIon": Word(
        _from_ion,
        ("ion", "allRows"),
        1,
        doc="The first value of the text of Amazon Ion, or with `allRows=true` the list of all values.",
        example="{{ fromIon('{title: \"Main\", views: 12}').title }} → Main",
    ),
    "yaml": Word(
        _yaml,
        ("yaml",),
        1,
        doc="The value of the YAML text. Dates stay text.",
        example="{{ yaml('a: 1').a }} → 1",
    ),
    "uuid": Word(
        lambda frame: str(uuid.UUID(int=frame.random.getrandbits(128), version=4)),
        doc="A random UUID.",
        example="{{ uuid() }}",
    ),
    "id": Word(
        lambda frame: base62(frame.random.getrandbits(128)),
        doc="A random id of 22 letters and digits.",
        example="{{ id() | length }} → 22",
    ),
    "ksuid": Word(
        lambda frame: base62(frame.random.getrandbits(160))[-27:].rjust(27, "0"),
        doc="A random id of 27 letters and digits. Unlike a real KSUID it does not sort by time.",
        example="{{ ksuid() | length }} → 27",
    ),
    "nanoId": Word(
        _nano_id,
        ("length", "alphabet"),
        doc="A random text of `length` signs (21; at most 1,000) of the `alphabet` (letters, digits, `-` and `_`).",
        example="{{ nanoId(10) | length }} → 10",
    ),
    "randomInt": Word(
        _random_int,
        ("lower", "upper"),
        2,
        doc="A random integer from `lower` to `upper`, which is not included.",
        example="{{ randomInt(1, 2) }} → 1",
    ),
    "max": Word(
        _extreme("max", ">"),
        (),
        0,
        variadic=True,
        doc="The largest of the numbers.",
        example="{{ max(1, 3, 2) }} → 3",
    ),
    "min": Word(
        _extreme("min", "<"),
        (),
        0,
        variadic=True,
        doc="The smallest of the numbers.",
        example="{{ min(1, 3, 2) }} → 1",
    ),
    "range": Word(
        _range,
        ("start", "end", "increment"),
        2,
        doc="The integers or characters from `start` to `end`, both included.",
        example="{{ range(1, 7, 3) }} → [1,4,7]",
    ),
    "env": Word(
        _env,
        ("name", "default"),
        1,
        doc="The environment variable from `envs`, or `default` if it is missing or empty.",
        example="{{ env('STAGE', 'test') }} → test",
    ),
    "printContext": Word(
        lambda frame: dict(frame.variables),
        doc="All variables that an expression can see here, as JSON.",
        example="{{ printContext() | length > 0 }} → true",
    ),
    "fetchContext": Word(
        lambda frame: dict(frame.variables),
        doc="All variables that an expression can see here, as a map.",
        example="{{ fetchContext().vars.stage }} → test",
    ),
}
