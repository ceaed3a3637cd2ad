"""The meaning of operators (docs/language/expressions.md#operators). They raise ExpressionError without a place, which
the compiler adds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from contracts.language.expression.errors import ExpressionError, LimitExceeded
from contracts.language.expression.text import to_text

_MAX_BITS = 4096


def truthy(value: object) -> bool:
    """Return the truth of a value within an expression: 0 and empty text are false."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float | Decimal):
        return value != 0
    if isinstance(value, str):
        return bool(value)
    if value is None:
        raise ExpressionError("null is neither true nor false; compare it, or use `is null` or `is defined`")
    raise ExpressionError(f"A {name_of(value)} is neither true nor false; use `is empty`")


def name_of(value: object) -> str:
    """Return the kind of a value in words."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float | Decimal):
        return "number"
    if isinstance(value, str):
        return "text"
    if isinstance(value, Mapping):
        return "map"
    if isinstance(value, list | tuple):
        return "list"
    return "date" if isinstance(value, date) else type(value).__name__


def is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def add(left: Any, right: Any) -> object:
    if isinstance(left, str) or isinstance(right, str):
        return _plain(left) + _plain(right)
    if isinstance(left, list | tuple):
        return [*left, *right] if isinstance(right, list | tuple) else [*left, right]
    left, right = _numbers("+", left, right)
    return _bounded(left + right)


def _plain(value: object) -> str:
    return "null" if value is None else to_text(value)


def subtract(left: Any, right: Any) -> object:
    if isinstance(left, list | tuple):
        removed = right if isinstance(right, list | tuple) else [right]
        return [item for item in left if item not in removed]
    left, right = _numbers("-", left, right)
    return _bounded(left - right)


def multiply(left: Any, right: Any) -> object:
    left, right = _numbers("*", left, right)
    return _bounded(left * right)


def divide(left: Any, right: Any) -> object:
    """Divide. Two integers give an integer, rounded towards zero."""
    left, right = _numbers("/", left, right)
    if isinstance(left, int) and isinstance(right, int):
        if right == 0:
            raise ExpressionError("Division by zero")
        quotient = abs(left) // abs(right)
        return quotient if (left < 0) == (right < 0) else -quotient
    if right == 0:
        if isinstance(left, Decimal):
            raise ExpressionError("Division by zero")
        return float("nan") if left == 0 else float("inf") * (1 if left > 0 else -1)
    return left / right


def remainder(left: Any, right: Any) -> object:
    """Return the remainder with the sign of the dividend."""
    left, right = _numbers("%", left, right)
    if right == 0:
        raise ExpressionError("Division by zero")
    rest = abs(left) % abs(right)
    return rest if left >= 0 else -rest


def _numbers(operator: str, left: Any, right: Any) -> tuple[Any, Any]:
    for side in (left, right):
        if not is_number(side):
            raise ExpressionError(f"`{operator}` needs numbers, found {name_of(left)} and {name_of(right)}")
    if isinstance(left, Decimal) != isinstance(right, Decimal):
        try:
            return Decimal(str(left)), Decimal(str(right))
        except InvalidOperation as error:
            raise ExpressionError(f"`{operator}`: a side is not a decimal number") from error
    return left, right


def _bounded(value: Any) -> object:
    if isinstance(value, int) and value.bit_length() > _MAX_BITS:
        raise LimitExceeded(f"The number has more than {_MAX_BITS} bits")
    return value


def equal(left: object, right: object) -> bool:
    if is_number(left) and is_number(right):
        return float(left) == float(right)  # type: ignore[arg-type] # both are numbers
    if isinstance(left, bool) != isinstance(right, bool):
        return False
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(equal(a, b) for a, b in zip(left, right, strict=True))
    return bool(left == right)


def compare(operator: str) -> Callable[[Any, Any], bool]:
    """Compare two numbers, two texts or two dates. With null on either side the result is false."""

    def ordered(left: Any, right: Any) -> bool:
        if left is None or right is None:
            return False
        same = (is_number(left) and is_number(right)) or (isinstance(left, str) and isinstance(right, str))
        if not same and not (isinstance(left, datetime) and isinstance(right, datetime)):
            raise ExpressionError(f"`{operator}` cannot compare {name_of(left)} with {name_of(right)}")
        match operator:
            case "<":
                return bool(left < right)
            case "<=":
                return bool(left <= right)
            case ">":
                return bool(left > right)
            case _:
                return bool(left >= right)

    return ordered


def contains(left: Any, right: Any) -> bool:
    if left is None:
        return False
    if isinstance(left, Mapping):
        return right in left or to_text(right) in left
    if isinstance(left, str):
        if right is None:
            return False
        return to_text(right) in left
    if isinstance(left, list | tuple):
        wanted: Sequence[Any] = right if isinstance(right, list | tuple) else [right]
        return all(any(equal(item, one) for item in left) for one in wanted)
    raise ExpressionError(f"`contains` needs a list, a map or a text, found {name_of(left)}")


def is_in(left: Any, right: Any) -> bool:
    if right is None:
        return False
    if isinstance(right, list | tuple):
        return any(equal(item, left) for item in right)
    return contains(right, left)


def span(start: Any, end: Any, step: int = 1, most: int = 1_000_000) -> list[object]:
    """Return a range of integers or single characters, with both ends included. It may count down."""
    if isinstance(start, str) and isinstance(end, str) and len(start) == len(end) == 1:
        return [chr(code) for code in span(ord(start), ord(end), step, most)]  # type: ignore[arg-type] # integers
    if not (isinstance(start, int) and isinstance(end, int)) or not step:
        raise ExpressionError("A range needs two integers or two characters, and a step that is not 0")
    if abs(end - start) // abs(step) >= most:
        raise LimitExceeded(f"The range has more than {most} elements")
    down = end < start
    step = -abs(step) if down else abs(step)
    return list(range(start, end + (-1 if down else 1), step))


BINARY: Mapping[str, Callable[[Any, Any], object]] = {
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "%": remainder,
    "==": equal,
    "equals": equal,
    "!=": lambda left, right: not equal(left, right),
    "<": compare("<"),
    "<=": compare("<="),
    ">": compare(">"),
    ">=": compare(">="),
    "contains": contains,
    "isIn": is_in,
    "isNotIn": lambda left, right: not is_in(left, right),
    "~": lambda left, right: to_text(left) + to_text(right),
    "..": span,
}
