"""Filters on numbers."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any

from contracts.language.expression.errors import ExpressionError, LimitExceeded
from contracts.language.expression.frame import Frame
from contracts.language.expression.operator import MAX_DIGITS, bounded_number, is_number, name_of
from contracts.language.expression.vocabulary import ABSENT, Word, text_of, word_of

_LONGEST_PICTURE = 200
_JAVA_CLASSES = {
    "boolean": "java.lang.Boolean",
    "text": "java.lang.String",
    "map": "java.util.LinkedHashMap",
    "list": "java.util.ArrayList",
}


class Float(float):
    """The result of ``number('FLOAT')``. ``className`` can tell it from a double."""


class BigInteger(int):
    """The result of ``number('BIGINTEGER')``."""


def _abs(_: Frame, value: Any) -> Any:
    if value is None:
        return None
    if not is_number(value):
        raise ExpressionError(f"`abs` needs a number, found {name_of(value)}")
    return abs(value)


def _number(_: Frame, value: object, kind: object = ABSENT) -> Any:
    if value is None:
        return None
    if not isinstance(value, str):
        raise ExpressionError(f"`number` needs text, found {name_of(value)}")
    if len(value) > MAX_DIGITS:
        raise LimitExceeded(f"`number`: the text has more than {MAX_DIGITS} characters")
    wanted = "" if kind is ABSENT else word_of(kind, "`number`")
    try:
        match wanted:
            case "INT" | "LONG":
                return int(value)
            case "BIGINTEGER":
                return BigInteger(value)
            case "FLOAT":
                return Float(value)
            case "DOUBLE":
                return float(value)
            case "BIGDECIMAL":
                return bounded_number(Decimal(value))
            case "":
                return int(value) if value.strip().lstrip("+-").isdigit() else Float(value)
    except (ValueError, InvalidOperation) as error:
        raise ExpressionError(f"`{value}` is not a number") from error
    raise ExpressionError(
        f"`number` does not know the type `{wanted}`; use INT, LONG, FLOAT, DOUBLE, BIGDECIMAL or BIGINTEGER"
    )


def _number_format(_: Frame, value: Any, pattern: object) -> str | None:
    """Format a number by Java's DecimalFormat: ``0`` and ``#`` are digits, ``,`` groups them, other text stays."""
    if value is None:
        return None
    if not is_number(value):
        raise ExpressionError(f"`numberFormat` needs a number, found {name_of(value)}")
    picture = text_of(pattern, "`numberFormat`")
    if len(picture) > _LONGEST_PICTURE:
        raise LimitExceeded(f"`numberFormat`: the format has more than {_LONGEST_PICTURE} characters")
    digits = [at for at, char in enumerate(picture) if char in "#0,."]
    if not digits:
        raise ExpressionError(f"`numberFormat`: `{picture}` has no digits")
    before, core, after = picture[: digits[0]], picture[digits[0] : digits[-1] + 1], picture[digits[-1] + 1 :]
    whole, _point, fraction = core.partition(".")
    number = Decimal(str(value)) * (100 if after.startswith("%") else 1)
    rounded = number.quantize(Decimal(1).scaleb(-len(fraction)), ROUND_HALF_EVEN)
    sign, text = ("-", format(-rounded, "f")) if rounded < 0 else ("", format(rounded, "f"))
    integer, _point, decimals = text.partition(".")
    least = fraction.count("0")
    while len(decimals) > least and decimals.endswith("0"):
        decimals = decimals[:-1]
    least_whole = whole.replace(",", "").count("0")
    integer = integer.lstrip("0").rjust(least_whole, "0")
    if "," in whole:
        width = len(whole) - whole.rindex(",") - 1
        if width > 0:
            groups: list[str] = []
            while len(integer) > width:
                groups.insert(0, integer[-width:])
                integer = integer[:-width]
            integer = ",".join([integer, *groups])
    return f"{before}{sign}{integer}{'.' + decimals if decimals else ''}{after}"


def _class_name(_: Frame, value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, BigInteger | Decimal):
        return "java.math.BigInteger" if isinstance(value, int) else "java.math.BigDecimal"
    if isinstance(value, int) and not isinstance(value, bool):
        return "java.lang.Integer" if abs(value) < 2**31 else "java.lang.Long"
    if isinstance(value, float):
        return "java.lang.Float" if isinstance(value, Float) else "java.lang.Double"
    return _JAVA_CLASSES.get(name_of(value), "java.lang.Object")


NUMBER = {
    "abs": Word(_abs, doc="The number without its sign.", example="{{ -3 | abs }} → 3"),
    "number": Word(
        _number,
        ("type",),
        doc="The text as a number. `type` is one of INT, LONG, FLOAT, DOUBLE, BIGDECIMAL and BIGINTEGER. Without it, whole numbers become integers.",
        example="{{ ('41' | number) + 1 }} → 42",
    ),
    "numberFormat": Word(
        _number_format,
        ("format",),
        1,
        doc="The number in a format such as `#,##0.00`.",
        example="{{ 1234.5 | numberFormat('#,##0.00') }} → 1,234.50",
    ),
    "className": Word(
        _class_name,
        doc="The name of the Java class that this value has in Kestra.",
        example="{{ 'a' | className }} → java.lang.String",
    ),
}
