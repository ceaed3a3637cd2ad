"""The meaning of operators (docs/language/expressions.md#operators). They raise ExpressionError without a place, which
the compiler adds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from contracts.language.expression.budget import PER_ELEMENT, PER_ENTRY, PER_VALUE, Budget
from contracts.language.expression.errors import ExpressionError, LimitExceeded
from contracts.language.expression.text import to_text

_MAX_BITS = 4096
MAX_DIGITS = 1_000
"""Of a decimal number, and the greatest exponent of ten. Printing writes all of them."""
_PER_INTEGER = 40


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


def add(left: Any, right: Any, budget: Budget) -> object:
    if isinstance(left, str) or isinstance(right, str):
        return joined(_plain(left, budget), _plain(right, budget), budget)
    if isinstance(left, list | tuple):
        more = right if isinstance(right, list | tuple) else (right,)
        budget.charge(PER_VALUE + PER_ELEMENT * (len(left) + len(more)))
        return [*left, *more]
    left, right = _numbers("+", left, right)
    return bounded_number(left + right)


def _plain(value: object, budget: Budget) -> str:
    return "null" if value is None else to_text(value, budget)


def joined(left: str, right: str, budget: Budget) -> str:
    """Return both texts as one."""
    wide = 1 if left.isascii() and right.isascii() else 4
    budget.left -= PER_VALUE + wide * (len(left) + len(right))
    if budget.left < 0:
        raise budget.exceeded()
    return left + right


def subtract(left: Any, right: Any, budget: Budget) -> object:
    if isinstance(left, list | tuple):
        removed = right if isinstance(right, list | tuple) else [right]
        budget.charge(PER_VALUE + PER_ELEMENT * len(left) + PER_ENTRY * len(removed))
        budget.walk([item for item in removed if isinstance(item, list | dict)])
        return _without(left, removed)
    left, right = _numbers("-", left, right)
    return bounded_number(left - right)


def _without(items: Sequence[Any], removed: Sequence[Any]) -> list[Any]:
    """Look most items up, because comparing each with each takes the product of both lengths."""
    compared = [item for item in removed if isinstance(item, list | dict)]
    known = {item for item in removed if not isinstance(item, list | dict)}
    return [item for item in items if item not in (compared if isinstance(item, list | dict) else known)]


def multiply(left: Any, right: Any, budget: Budget) -> object:
    del budget
    left, right = _numbers("*", left, right)
    return bounded_number(left * right)


def divide(left: Any, right: Any, budget: Budget) -> object:
    """Divide. Two integers give an integer, rounded towards zero."""
    del budget
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
    return bounded_number(left / right)


def remainder(left: Any, right: Any, budget: Budget) -> object:
    """Return the remainder with the sign of the dividend."""
    del budget
    left, right = _numbers("%", left, right)
    if right == 0:
        raise ExpressionError("Division by zero")
    rest = abs(left) % abs(right)
    return bounded_number(rest if left >= 0 else -rest)


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


def bounded_number(value: Any) -> Any:
    """Return a number that an operation made. Raise LimitExceeded if it is too long to print."""
    if isinstance(value, int):
        if value.bit_length() > _MAX_BITS:
            raise LimitExceeded(f"The number has more than {_MAX_BITS} bits")
    elif isinstance(value, Decimal) and (
        abs(value.adjusted()) > MAX_DIGITS or len(value.as_tuple().digits) > MAX_DIGITS
    ):
        raise LimitExceeded(
            f"The number has more than {MAX_DIGITS} digits, or an exponent beyond {MAX_DIGITS}"
        )
    return value


def equal(left: object, right: object, budget: Budget) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    if is_number(left) and is_number(right):
        return float(left) == float(right)  # type: ignore[arg-type] # both are numbers
    if isinstance(left, bool) != isinstance(right, bool):
        return False
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        budget.charge(PER_ELEMENT * (len(left) + 1))
        return len(left) == len(right) and all(equal(a, b, budget) for a, b in zip(left, right, strict=True))
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        # Python's own comparison follows a part as often as it occurs, and nothing could interrupt it.
        budget.walk(left)
    return bool(left == right)


def found_in(items: Sequence[Any], wanted: object, budget: Budget) -> bool:
    """Return whether one of the items is equal to ``wanted``."""
    budget.charge(PER_ELEMENT * len(items))
    return any(equal(item, wanted, budget) for item in items)


def compare(operator: str) -> Callable[[Any, Any, Budget], bool]:
    """Compare two numbers, two texts or two dates. With null on either side the result is false."""

    def ordered(left: Any, right: Any, budget: Budget) -> bool:
        del budget
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


def contains(left: Any, right: Any, budget: Budget) -> bool:
    if left is None:
        return False
    if isinstance(left, Mapping):
        if isinstance(right, dict | list):
            return to_text(right, budget) in left
        return right in left or to_text(right, budget) in left
    if isinstance(left, str):
        if right is None:
            return False
        return to_text(right, budget) in left
    if isinstance(left, list | tuple):
        wanted: Sequence[Any] = right if isinstance(right, list | tuple) else [right]
        return all(found_in(left, one, budget) for one in wanted)
    raise ExpressionError(f"`contains` needs a list, a map or a text, found {name_of(left)}")


def is_in(left: Any, right: Any, budget: Budget) -> bool:
    if right is None:
        return False
    if isinstance(right, list | tuple):
        return found_in(right, left, budget)
    return contains(right, left, budget)


def span(start: Any, end: Any, step: int, budget: Budget, most: int = 1_000_000) -> list[object]:
    """Return a range of integers or single characters, with both ends included. It may count down."""
    if are_characters(start, end):
        codes = span(ord(start), ord(end), step, budget, most)
        return [chr(code) for code in codes]  # type: ignore[arg-type] # integers
    found = integers(start, end, step, most)
    budget.charge(_PER_INTEGER * len(found))
    return list(found)


def are_characters(start: Any, end: Any) -> bool:
    return isinstance(start, str) and isinstance(end, str) and len(start) == len(end) == 1


def integers(start: Any, end: Any, step: int, most: int = 1_000_000) -> range:
    """Return a range of integers, with both ends included. Its elements are not made."""
    if not (isinstance(start, int) and isinstance(end, int)) or not step:
        raise ExpressionError("A range needs two integers or two characters, and a step that is not 0")
    if abs(end - start) // abs(step) >= most:
        raise LimitExceeded(f"The range has more than {most} elements")
    down = end < start
    return range(start, end + (-1 if down else 1), -abs(step) if down else abs(step))


BINARY: Mapping[str, Callable[[Any, Any, Budget], object]] = {
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "%": remainder,
    "==": equal,
    "equals": equal,
    "!=": lambda left, right, budget: not equal(left, right, budget),
    "<": compare("<"),
    "<=": compare("<="),
    ">": compare(">"),
    ">=": compare(">="),
    "contains": contains,
    "isIn": is_in,
    "isNotIn": lambda left, right, budget: not is_in(left, right, budget),
    "~": lambda left, right, budget: joined(to_text(left, budget), to_text(right, budget), budget),
    "..": lambda left, right, budget: span(left, right, 1, budget),
}
