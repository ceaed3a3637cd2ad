"""The functions that jq has by name, its operators on values, and how values are indexed, changed and written."""

from __future__ import annotations

import base64
import html
import json
import math
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from contracts.json_text import NotJson, loads
from contracts.language.expression.budget import PER_ELEMENT, PER_ENTRY, PER_VALUE
from contracts.language.expression.date_reading import parse_iso
from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.frame import Frame
from contracts.language.expression.jq import text as texts
from contracts.language.expression.jq.order import order_of, type_of
from contracts.language.expression.moment import to_moment
from contracts.language.expression.operator import bounded_number
from contracts.language.expression.reading import charge_json
from contracts.language.expression.text import to_json


def truth(value: Any) -> bool:
    return value is not None and value is not False


def fail(message: str) -> Exception:
    from contracts.language.expression.jq.run import Raised

    return Raised(message)


def shown(value: Any) -> str:
    text = json.dumps(value, default=str, ensure_ascii=False, separators=(",", ":"))
    return text if len(text) <= 40 else text[:37] + "..."


def index(value: Any, key: Any) -> Any:
    """Return ``.[key]``. Raise Raised if the value has no such parts."""
    if isinstance(key, dict):
        return _slice(value, key)
    if value is None:
        return None
    if isinstance(value, dict) and isinstance(key, str):
        return value.get(key)
    if isinstance(value, (list, tuple)) and isinstance(key, (int, float)) and not isinstance(key, bool):
        at = math.floor(key)
        return value[at] if -len(value) <= at < len(value) else None
    if isinstance(value, (list, tuple)) and isinstance(key, list):
        width = len(key)
        return [at for at in range(len(value) - width + 1) if list(value[at : at + width]) == key and width]
    name = f'string "{key}"' if isinstance(key, str) else type_of(key)
    raise fail(f"Cannot index {type_of(value)} with {name}")


def _slice(value: Any, key: Mapping[str, Any]) -> Any:
    if value is None:
        return None
    if not isinstance(value, (str, list, tuple)):
        raise fail(f"Cannot index {type_of(value)} with object")
    begin, end = key.get("start"), key.get("end")
    first = None if begin is None else math.floor(begin)
    last = None if end is None else math.ceil(end)
    return value[first:last]


def entries(value: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(value, dict):
        return iter(list(value.items()))
    if isinstance(value, (list, tuple)):
        return iter(list(enumerate(value)))
    raise fail(f"Cannot iterate over {type_of(value)}" + ("" if value is None else f" ({shown(value)})"))


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = None if value is None else index(value, key)
    return value


def put(value: Any, path: tuple[Any, ...], new: Any, frame: Frame) -> Any:
    """Return a copy with a new value at the path."""
    if not path:
        return new
    key, rest = path[0], path[1:]
    if isinstance(key, str):
        if value is not None and not isinstance(value, dict):
            raise fail(f'Cannot index {type_of(value)} with string "{key}"')
        frame.budget.charge(PER_ENTRY * (1 + len(value or ())))
        return {**(value or {}), key: put((value or {}).get(key), rest, new, frame)}
    if value is not None and not isinstance(value, (list, tuple)):
        raise fail(f"Cannot index {type_of(value)} with {type_of(key)}")
    items = list(value or ())
    if isinstance(key, dict):
        first, last, _ = slice(key.get("start"), key.get("end")).indices(len(items))
        changed = put(items[first:last], rest, new, frame)
        return items[:first] + list(changed) + items[max(first, last) :]
    place = key if key >= 0 else key + len(items)
    if place < 0:
        raise fail("Out of bounds negative array index")
    frame.made(PER_ELEMENT * max(len(items), place + 1))
    items += [None] * (place + 1 - len(items))
    items[place] = put(items[place], rest, new, frame)
    return items


def removed(value: Any, paths: list[tuple[Any, ...]], frame: Frame) -> Any:
    """Return a copy without what stands at the paths."""
    for path in sorted(paths, key=order_of, reverse=True):
        frame.tick()
        if not path:
            return None
        outer = at(value, path[:-1])
        key = path[-1]
        if isinstance(outer, dict) and isinstance(key, str):
            kept: Any = {name: each for name, each in outer.items() if name != key}
        elif isinstance(outer, (list, tuple)) and isinstance(key, int):
            place = key if key >= 0 else key + len(outer)
            kept = [each for number, each in enumerate(outer) if number != place]
        elif isinstance(outer, (list, tuple)) and isinstance(key, dict):
            first, last, _ = slice(key.get("start"), key.get("end")).indices(len(outer))
            kept = [*outer[:first], *outer[max(first, last) :]]
        elif outer is None:
            continue
        else:
            raise fail(f"Cannot delete field at {type_of(key)} index of {type_of(outer)}")
        frame.budget.charge(PER_ENTRY * (1 + len(kept)))
        value = put(value, path[:-1], kept, frame)
    return value


def calculated(operator: str, left: Any, right: Any, frame: Frame) -> Any:
    kinds = (type_of(left), type_of(right))
    charge = frame.budget.charge
    if kinds == ("number", "number"):
        return _number(operator, left, right)
    if operator == "+":
        if left is None or right is None:
            return right if left is None else left
        if kinds == ("string", "string"):
            frame.made(len(left) + len(right))
            return left + right
        if kinds == ("array", "array"):
            charge(PER_VALUE + PER_ELEMENT * (len(left) + len(right)))
            return [*left, *right]
        if kinds == ("object", "object"):
            charge(PER_ENTRY * (1 + len(left) + len(right)))
            return {**left, **right}
    elif operator == "-" and kinds == ("array", "array"):
        charge(PER_ELEMENT * len(left) * (1 + len(right)))
        gone = [order_of(each) for each in right]
        return [each for each in left if order_of(each) not in gone]
    elif operator == "*":
        if kinds == ("object", "object"):
            return _merged(left, right, frame)
        if set(kinds) == {"string", "number"}:
            text, times = (left, right) if kinds[0] == "string" else (right, left)
            if times <= 0:
                return None
            frame.made(len(text) * max(1, math.floor(times)))
            return text * max(1, math.floor(times))
    elif operator == "/" and kinds == ("string", "string"):
        return texts.divided(left, right, frame)
    words = {"+": "added", "-": "subtracted", "*": "multiplied", "/": "divided", "%": "divided"}
    raise fail(f"{kinds[0]} ({shown(left)}) and {kinds[1]} ({shown(right)}) cannot be {words[operator]}")


def _number(operator: str, left: Any, right: Any) -> Any:
    if isinstance(left, Decimal) != isinstance(right, Decimal):
        left, right = Decimal(str(left)), Decimal(str(right))
    if operator in {"/", "%"} and right == 0:
        raise fail(f"number ({left}) and number ({right}) cannot be divided because the divisor is zero")
    match operator:
        case "+":
            return bounded_number(left + right)
        case "-":
            return bounded_number(left - right)
        case "*":
            return bounded_number(left * right)
        case "/":
            whole = isinstance(left, int) and isinstance(right, int) and left % right == 0
            return bounded_number(left // right if whole else left / right)
        case _:
            one, other = int(left), abs(int(right))
            if not other:
                raise fail(
                    f"number ({left}) and number ({right}) cannot be divided because the divisor is zero"
                )
            return one % other if one >= 0 else -(-one % other)


def _merged(left: dict[str, Any], right: dict[str, Any], frame: Frame) -> dict[str, Any]:
    frame.tick()
    frame.budget.charge(PER_ENTRY * (1 + len(left) + len(right)))
    found = dict(left)
    for key, each in right.items():
        old = found.get(key)
        found[key] = _merged(old, each, frame) if isinstance(old, dict) and isinstance(each, dict) else each
    return found


def written(value: Any, form: str | None, frame: Frame) -> str:
    """Return a value as an interpolated text shows it."""
    plain = value if isinstance(value, str) else whole_json(value, frame)
    frame.budget.chars(plain, 8)
    match form:
        case None | "@text":
            return plain
        case "@json":
            return whole_json(value, frame)
        case "@base64":
            return base64.b64encode(plain.encode()).decode()
        case "@base64d":
            try:
                return base64.b64decode(plain + "=" * (-len(plain) % 4)).decode("utf-8", "replace")
            except ValueError as error:
                raise fail(f"{shown(value)} is not valid base64 data: {error}") from None
        case "@uri":
            return quote(plain, safe="-_.~")
        case "@html":
            return html.escape(plain).replace("&#x27;", "&#39;")
        case "@csv" | "@tsv" | "@sh":
            return texts.row(value, form)
    raise fail(f"{form} is not a valid format")


def whole_json(value: Any, frame: Frame) -> str:
    """Return JSON with its nulls, which a template's own JSON leaves out of maps."""
    frame.budget.walk(value)
    return _dumped(value) if _has_null(value) else ("null" if value is None else to_json(value, frame.budget))


def _has_null(value: Any) -> bool:
    if isinstance(value, dict):
        return any(each is None or _has_null(each) for each in value.values())
    return isinstance(value, (list, tuple)) and any(_has_null(each) for each in value)


def _dumped(value: Any) -> str:
    return json.dumps(value, default=float, ensure_ascii=False, separators=(",", ":"))


def _one(function: Callable[..., Any]) -> Callable[..., Iterator[Any]]:
    """Return a function with exactly one result."""

    def run(frame: Frame, value: Any, *arguments: Any) -> Iterator[Any]:
        try:
            yield function(frame, value, *arguments)
        except (TypeError, ValueError, OverflowError, AttributeError) as error:
            if isinstance(error, ExpressionError):
                raise
            raise fail(f"{type_of(value)} ({shown(value)}) does not fit here") from None

    return run


def _length(_: Frame, value: Any) -> Any:
    if value is None:
        return 0
    if isinstance(value, bool):
        raise fail(f"boolean ({shown(value)}) has no length")
    return abs(value) if type_of(value) == "number" else len(value)


def _keys(frame: Frame, value: Any, *, ordered: bool = True) -> list[Any]:
    if not isinstance(value, (dict, list, tuple)):
        raise fail(f"{type_of(value)} ({shown(value)}) has no keys")
    frame.budget.charge(PER_ELEMENT * (1 + len(value)))
    if not isinstance(value, dict):
        return list(range(len(value)))
    return sorted(value) if ordered else list(value)


def _has(_: Frame, value: Any, key: Any) -> bool:
    if isinstance(value, dict) and isinstance(key, str):
        return key in value
    if isinstance(value, (list, tuple)) and isinstance(key, int):
        return 0 <= key < len(value)
    raise fail(f"Cannot check whether {type_of(value)} has a {type_of(key)} key")


def _contains(frame: Frame, value: Any, other: Any) -> bool:
    frame.tick()
    if isinstance(value, dict) and isinstance(other, dict):
        return all(key in value and _contains(frame, value[key], each) for key, each in other.items())
    if isinstance(value, (list, tuple)) and isinstance(other, (list, tuple)):
        return all(
            any(_alike(mine, each) and _contains(frame, mine, each) for mine in value) for each in other
        )
    if isinstance(value, str) and isinstance(other, str):
        return other in value
    if not _alike(value, other):
        raise fail(f"{type_of(value)} and {type_of(other)} cannot have their containment checked")
    return order_of(value) == order_of(other)


def _alike(one: Any, other: Any) -> bool:
    return type_of(one) == type_of(other)


def _add(frame: Frame, value: Any) -> Any:
    total = None
    for _, each in entries(value):
        frame.tick()
        total = calculated("+", total, each, frame)
    return total


def _sorted(frame: Frame, value: Any) -> list[Any]:
    if not isinstance(value, (list, tuple)):
        raise fail(f"{type_of(value)} ({shown(value)}) cannot be sorted, as it is not an array")
    frame.budget.walk(value)
    frame.budget.charge(2 * PER_VALUE * len(value))
    return sorted(value, key=order_of)


def _by(frame: Frame, value: Any, keys: Any) -> list[Any]:
    if not isinstance(value, (list, tuple)):
        raise fail(f"{type_of(value)} ({shown(value)}) cannot be sorted, as it is not an array")
    frame.budget.charge(2 * PER_VALUE * len(value))
    paired = sorted(zip(keys, value, strict=True), key=lambda pair: order_of(pair[0]))
    return [each for _, each in paired]


def _groups(frame: Frame, value: Any, keys: Any) -> list[list[Any]]:
    frame.budget.charge(4 * PER_VALUE * len(value))
    groups: list[list[Any]] = []
    last: Any = None
    for key, each in sorted(zip(keys, value, strict=True), key=lambda pair: order_of(pair[0])):
        if not groups or order_of(key) != last:
            groups.append([])
            last = order_of(key)
        groups[-1].append(each)
    return groups


def _unique(frame: Frame, value: Any) -> list[Any]:
    return [group[0] for group in _groups(frame, value, value)]


def _flat(frame: Frame, value: Any, depth: Any = 1e9) -> list[Any]:
    if depth < 0:
        raise fail("flatten depth must not be negative")
    found: list[Any] = []
    for each in value:
        frame.tick()
        frame.budget.charge(PER_ELEMENT)
        if isinstance(each, (list, tuple)) and depth > 0:
            found += _flat(frame, each, depth - 1)
        else:
            found.append(each)
    return found


def _range(frame: Frame, start: Any, end: Any, step: Any) -> Iterator[Any]:
    current = start
    while (current < end) if step > 0 else (current > end if step < 0 else False):
        frame.tick()
        yield current
        current += step


def _to_entries(frame: Frame, value: Any) -> list[Any]:
    frame.budget.charge(3 * PER_ENTRY * len(value))
    return [{"key": key, "value": each} for key, each in value.items()]


def _from_entries(frame: Frame, value: Any) -> dict[str, Any]:
    frame.budget.charge(PER_ENTRY * (1 + len(value)))
    found: dict[str, Any] = {}
    for each in value:
        names = [
            each[name] for name in ("key", "k", "name", "Name", "Key", "K") if each.get(name) is not None
        ]
        key = names[0] if names else each.get("key")
        value_of = next((each[name] for name in ("value", "v", "Value", "V") if name in each), None)
        found[key if isinstance(key, str) else "null" if key is None else _dumped(key)] = value_of
    return found


def _to_number(_: Frame, value: Any) -> Any:
    if isinstance(value, str):
        try:
            found = loads(value.strip())
        except NotJson:
            found = None
        if type_of(found) != "number":
            raise fail(f"Cannot be parsed as a number: {shown(value)}")
        return found
    if type_of(value) != "number":
        raise fail(f"{type_of(value)} ({shown(value)}) cannot be parsed as a number")
    return value


def _from_json(frame: Frame, value: Any) -> Any:
    charge_json(value, frame.budget)
    try:
        return loads(value)
    except NotJson as error:
        raise fail(f"{shown(value)} is not valid JSON: {error}") from None


def _extreme(_: Frame, value: Any, *, greatest: bool) -> Any:
    if not value:
        return None
    return (max if greatest else min)(value, key=order_of)


def _math(function: Callable[[Any], Any]) -> Callable[..., Any]:
    def run(_: Frame, value: Any) -> Any:
        if type_of(value) != "number":
            raise fail(f"{type_of(value)} ({shown(value)}) number required")
        found = function(value)
        return int(found) if isinstance(found, float) and found.is_integer() and abs(found) < 2**53 else found

    return run


def _indices(_: Frame, value: Any, wanted: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, str):
        return [n for n in range(len(value)) if wanted and value.startswith(wanted, n)]
    whole = wanted if isinstance(wanted, list) else [wanted]
    return index(list(value), whole)


def _from_date(_: Frame, value: Any) -> int:
    return math.floor(to_moment(parse_iso(value), None, None).timestamp())


def _to_date(_: Frame, value: Any) -> str:
    return to_moment(value, None, None).strftime("%Y-%m-%dT%H:%M:%SZ")


def _paths_removed(frame: Frame, value: Any, paths: Any) -> Any:
    return removed(value, [tuple(path) for path in paths], frame)


WORDS: Mapping[tuple[str, int], Callable[..., Iterator[Any]]] = {
    **texts.WORDS,
    ("length", 0): _one(_length),
    ("utf8bytelength", 0): _one(lambda _, v: len(v.encode())),
    ("not", 0): _one(lambda _, v: not truth(v)),
    ("keys", 0): _one(_keys),
    ("keys_unsorted", 0): _one(lambda f, v: _keys(f, v, ordered=False)),
    ("has", 1): _one(_has),
    ("contains", 1): _one(_contains),
    ("add", 0): _one(_add),
    ("sort", 0): _one(_sorted),
    ("_by", 1): _one(_by),
    ("_groups", 1): _one(_groups),
    ("unique", 0): _one(_unique),
    ("reverse", 0): _one(lambda _, v: [] if v is None else v[::-1]),
    ("flatten", 0): _one(_flat),
    ("flatten", 1): _one(_flat),
    ("min", 0): _one(lambda f, v: _extreme(f, v, greatest=False)),
    ("max", 0): _one(lambda f, v: _extreme(f, v, greatest=True)),
    ("range", 1): lambda frame, _, end: _range(frame, 0, end, 1),
    ("range", 2): lambda frame, _, start, end: _range(frame, start, end, 1),
    ("range", 3): lambda frame, _, start, end, step: _range(frame, start, end, step),
    ("to_entries", 0): _one(_to_entries),
    ("from_entries", 0): _one(_from_entries),
    ("type", 0): _one(lambda _, v: type_of(v)),
    ("tostring", 0): _one(lambda f, v: v if isinstance(v, str) else whole_json(v, f)),
    ("tojson", 0): _one(lambda f, v: whole_json(v, f)),
    ("fromjson", 0): _one(_from_json),
    ("tonumber", 0): _one(_to_number),
    ("floor", 0): _one(_math(math.floor)),
    ("ceil", 0): _one(_math(math.ceil)),
    ("round", 0): _one(_math(lambda v: math.floor(abs(v) + 0.5) * (1 if v >= 0 else -1))),
    ("sqrt", 0): _one(_math(math.sqrt)),
    ("fabs", 0): _one(_math(abs)),
    ("abs", 0): _one(_math(abs)),
    ("log", 0): _one(_math(math.log)),
    ("log2", 0): _one(_math(math.log2)),
    ("log10", 0): _one(_math(math.log10)),
    ("exp", 0): _one(_math(math.exp)),
    ("pow", 2): _one(lambda _f, _v, a, b: math.pow(a, b)),
    ("infinite", 0): _one(lambda *_: math.inf),
    ("nan", 0): _one(lambda *_: math.nan),
    ("isinfinite", 0): _one(lambda _, v: math.isinf(v)),
    ("isnan", 0): _one(lambda _, v: math.isnan(v)),
    ("indices", 1): _one(_indices),
    ("index", 1): _one(lambda f, v, w: next(iter(_indices(f, v, w) or ()), None)),
    ("rindex", 1): _one(lambda f, v, w: next(iter((_indices(f, v, w) or [])[::-1]), None)),
    ("transpose", 0): _one(
        lambda _, v: [
            [row[n] if n < len(row) else None for row in v] for n in range(max(map(len, v), default=0))
        ]
    ),
    ("_setpath", 2): _one(lambda f, v, path, new: put(v, tuple(path), new, f)),
    ("_delpaths", 1): _one(_paths_removed),
    ("fromdateiso8601", 0): _one(_from_date),
    ("fromdate", 0): _one(_from_date),
    ("todateiso", 0): _one(_to_date),
    ("todateiso8601", 0): _one(_to_date),
    ("now", 0): _one(lambda frame, _: frame.scope.now.timestamp()),
    ("toarray", 0): _one(lambda _, v: v if isinstance(v, list) else [v]),
}
"""By name and number of arguments."""
