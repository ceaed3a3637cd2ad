"""Java's ``String.format`` for the values of templates (``java.util.Formatter``). Dates have filters of their own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext

from contracts.language.expression.budget import PER_VALUE, Budget
from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.operator import name_of
from contracts.language.expression.text import to_text

_PLACE = re.compile(r"%(?:([0-9]{1,4})\$|(<))?([-#+ 0,(]*)([0-9]*)(?:\.([0-9]+))?([a-zA-Z%])|%")
_MOST_WIDE = 1_000
_DIGITS = 3_000
"""More than the longest number with the longest precision has."""
_PER_PLACE = 700
"""Bytes of what is made at a place, without its width."""


@dataclass(frozen=True, slots=True)
class _Place:
    flags: str
    precision: int | None
    shown: str
    """As it is written."""


def formatted(text: str, arguments: Sequence[object], budget: Budget) -> str:
    """Return the text with its arguments. Raise ExpressionError for a place that is wrong or has no argument."""
    budget.charge(text.count("%") * (PER_VALUE + _PER_PLACE))
    budget.chars(text, 2)
    following = 0
    last = -1

    def put(match: re.Match[str]) -> str:
        nonlocal following, last
        index, again, flags, width, precision, kind = match.groups()
        if kind is None:
            raise ExpressionError(f"`format`: `{text[match.start() : match.start() + 5]}` is no placeholder")
        wide = _bounded(width or "0")
        if kind in "%n":
            return "\n" if kind == "n" else _padded("%", wide, flags)
        if index:
            last = int(index) - 1
        elif not again:
            last, following = following, following + 1
        if not 0 <= last < len(arguments):
            raise ExpressionError(f"`format`: there is no argument for `{match[0]}`")
        place = _Place(flags, _bounded(precision) if precision else None, match[0])
        budget.charge(4 * (wide + (place.precision or 0)))
        found = _printed(kind, arguments[last], place, budget)
        if "0" in flags and kind.lower() in "dfeogx" and len(found) < wide:
            head = len(found) - len(found.lstrip("+-( "))
            found = found[:head] + found[head:].rjust(wide - head, "0")
        return _padded(found.upper() if kind.isupper() else found, wide, flags)

    return _PLACE.sub(put, text)


def _bounded(number: str) -> int:
    if len(number) > 4 or int(number) > _MOST_WIDE:
        raise ExpressionError(f"`format`: widths and precisions must be numbers up to {_MOST_WIDE}")
    return int(number)


def _padded(text: str, width: int, flags: str) -> str:
    return text.ljust(width) if "-" in flags else text.rjust(width)


def _printed(kind: str, value: object, place: _Place, budget: Budget) -> str:
    low = kind.lower()
    if low == "b":
        found = "false" if value is None or value is False else "true"
        return found[: place.precision]
    if low == "s" or (value is None and low in "cdoxefg"):
        found = java_text(value, budget)
        return found[: place.precision]
    if low == "c":
        return _character(value, place)
    if kind in "doxX":
        return _whole(low, value, place)
    if kind in "feEgG":
        with localcontext(prec=_DIGITS):
            return _decimal(low, value, place)
    raise ExpressionError(
        f"`format`: `{place.shown}` is not supported; use %s, %S, %b, %c, %d, %o, %x, %f, %e, %g or %n"
    )


def java_text(value: object, budget: Budget) -> str:
    """Return what Java's ``toString`` gives: ``null``, ``[1, true]`` and ``{a=1}``."""
    if value is None:
        return "null"
    if isinstance(value, Mapping):
        budget.charge(PER_VALUE * (1 + 2 * len(value)))
        return (
            "{"
            + ", ".join(f"{java_text(key, budget)}={java_text(each, budget)}" for key, each in value.items())
            + "}"
        )
    if isinstance(value, list | tuple):
        budget.charge(PER_VALUE * (1 + len(value)))
        return "[" + ", ".join(java_text(each, budget) for each in value) + "]"
    found = to_text(value, budget)
    budget.chars(found)
    return found


def _character(value: object, place: _Place) -> str:
    if isinstance(value, str) and len(value) == 1:
        return value
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 0x110000:
        return chr(value)
    raise _unfit(place, value)


def _whole(kind: str, value: object, place: _Place) -> str:
    if not isinstance(value, int) or isinstance(value, bool):
        raise _unfit(place, value)
    if kind != "d":
        negative = value < 0
        bits = 32 if value >= -(2**31) else 64
        digits = format(value + 2**bits if negative else value, kind)
        return ({"o": "0", "x": "0x"}[kind] if "#" in place.flags else "") + digits
    digits = f"{abs(value):,}" if "," in place.flags else str(abs(value))
    return _signed(digits, place.flags, negative=value < 0)


def _decimal(kind: str, value: object, place: _Place) -> str:
    if not isinstance(value, float | Decimal):
        raise _unfit(place, value)
    number = Decimal(repr(value)) if isinstance(value, float) else value
    if not number.is_finite():
        return _signed("NaN" if number.is_nan() else "Infinity", place.flags, negative=number.is_signed())
    precision = 6 if place.precision is None else place.precision
    size = abs(number)
    if kind == "g":
        precision = max(precision, 1)
        small = size != 0 and not Decimal("0.0001") <= size < Decimal(10) ** precision
        kind, precision = (
            ("e", precision - 1) if small else ("f", precision - 1 - (size.adjusted() if size else 0))
        )
    if kind == "e":
        digits = f"{_rounded_to(size, precision):.{precision}e}" if size else f"{Decimal(0):.{precision}e}"
        mantissa, _, exponent = digits.partition("e")
        digits = f"{mantissa}e{int(exponent):+03d}"
    else:
        rounded = size.quantize(Decimal(1).scaleb(-precision), ROUND_HALF_UP)
        digits = f"{rounded:,f}" if "," in place.flags else f"{rounded:f}"
    return _signed(digits, place.flags, negative=number.is_signed())


def _rounded_to(size: Decimal, precision: int) -> Decimal:
    return size.quantize(Decimal(1).scaleb(size.adjusted() - precision), ROUND_HALF_UP)


def _signed(digits: str, flags: str, *, negative: bool) -> str:
    if negative:
        return f"({digits})" if "(" in flags else f"-{digits}"
    return ("+" if "+" in flags else " " if " " in flags else "") + digits


def _unfit(place: _Place, value: object) -> ExpressionError:
    return ExpressionError(f"`format`: `{place.shown}` cannot print a {name_of(value)}")
