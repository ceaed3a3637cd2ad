"""The tests behind ``is``, such as ``is even``."""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.frame import Frame
from contracts.language.expression.operator import name_of
from contracts.language.expression.reading import charge_json
from contracts.language.expression.vocabulary import Word


def is_empty(value: object) -> bool:
    """Null, blank text, an empty list or map."""
    if value is None:
        return True
    if isinstance(value, str):
        return not value or value.isspace()
    return isinstance(value, Mapping | list | tuple) and not value


def _parity(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value % 2
    raise ExpressionError(f"`even` and `odd` need an integer, found {name_of(value)}")


def is_json(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        orjson.loads(value)
    except orjson.JSONDecodeError:
        return False
    return True


def _is_json(frame: Frame, value: object) -> bool:
    if isinstance(value, str):
        charge_json(value, frame.budget)
    return is_json(value)


CHECKS: Mapping[str, Word] = {
    "defined": Word(
        lambda _, value: value is not None,
        doc="The value can be found and is not null. This test never fails.",
        example="{{ inputs.none is defined }} → false",
    ),
    "null": Word(
        lambda _, value: value is None,
        doc="The value is null. A value that cannot be found is an error.",
        example="{{ null is null }} → true",
    ),
    "empty": Word(
        lambda _, value: is_empty(value),
        doc="Null, text that is empty or blank, an empty list or map.",
        example="{{ '' is empty }} → true",
    ),
    "even": Word(
        lambda _, value: _parity(value) == 0, doc="An even integer.", example="{{ 2 is even }} → true"
    ),
    "odd": Word(
        lambda _, value: _parity(value) == 1, doc="An odd integer.", example="{{ 2 is odd }} → false"
    ),
    "iterable": Word(
        lambda _, value: isinstance(value, list | tuple),
        doc="A list.",
        example="{{ [1] is iterable }} → true",
    ),
    "map": Word(
        lambda _, value: isinstance(value, Mapping), doc="A map.", example="{{ {'a': 1} is map }} → true"
    ),
    "json": Word(
        _is_json,
        doc="Text that is JSON.",
        example="{{ '[1]' is json }} → true",
    ),
}
"""``defined`` is here for the documentation. The compiler handles it itself, so that a missing value does not fail."""
