"""Runs a jq program: a tree and a value to all of its results. Every step counts towards the rendering."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from contracts.language.expression.budget import PER_ELEMENT, PER_ENTRY, PER_VALUE
from contracts.language.expression.errors import ExpressionError, LimitExceeded
from contracts.language.expression.frame import Frame
from contracts.language.expression.jq import words
from contracts.language.expression.jq.order import order_of, type_of
from contracts.language.expression.jq.parse import Node, parsed

Path: TypeAlias = tuple[Any, ...]
_DEEPEST = 200


class Raised(ExpressionError):
    """An error of the program, which its ``try`` may catch."""

    def __init__(self, value: Any) -> None:
        super().__init__(f"`jq`: {value}")
        self.value = value


@dataclass(frozen=True, slots=True)
class Closure:
    """An argument or a definition: what to run, and where its names stand."""

    parameters: tuple[str, ...]
    body: Node
    env: Env


@dataclass(slots=True)
class Env:
    frame: Frame
    variables: Mapping[str, Any] = field(default_factory=dict)
    functions: Mapping[tuple[str, int], Closure] = field(default_factory=dict)
    depth: int = 0

    def with_variable(self, name: str, value: Any) -> Env:
        return Env(self.frame, {**self.variables, name: value}, self.functions, self.depth)


def results(program: str, value: Any, frame: Frame) -> list[Any]:
    """Return all results. Raise ExpressionError if the program is wrong or fails."""
    found: list[Any] = []
    try:
        for each in run(parsed(program), value, Env(frame)):
            frame.budget.charge(PER_ELEMENT)
            found.append(each)
    except RecursionError:
        raise LimitExceeded("`jq`: the program calls itself too deep") from None
    return found


def run(node: Node, value: Any, env: Env) -> Iterator[Any]:
    for _, result in walk(node, ((), value), env):
        yield result


Spot: TypeAlias = tuple[Path | None, Any]
"""A value and its path from the program's input. None: it is no part of that."""


def walk(node: Node, spot: Spot, env: Env) -> Iterator[Spot]:  # noqa: C901, PLR0912 - one branch a kind of node
    """Yield each result, with its path if it is a part of the input."""
    env.frame.tick()
    match node:
        case ("self",):
            yield spot
        case ("value", constant):
            yield None, constant
        case ("pipe", left, right):
            for each in walk(left, spot, env):
                yield from walk(right, each, env)
        case ("comma", left, right):
            yield from walk(left, spot, env)
            yield from walk(right, spot, env)
        case ("index", target, key):
            for at in walk(target, spot, env):
                for name in run(key, spot[1], env):
                    yield _joined(at[0], name), words.index(at[1], name)
        case ("slice", target, first, last):
            for path, found in walk(target, spot, env):
                for begin in run(first, spot[1], env) if first else (None,):
                    for end in run(last, spot[1], env) if last else (None,):
                        key = {"start": begin, "end": end}
                        yield _joined(path, key), words.index(found, key)
        case ("each", target):
            for path, found in walk(target, spot, env):
                for key, part in words.entries(found):
                    yield _joined(path, key), part
        case ("variable", name):
            if name not in env.variables:
                raise Raised(f"{name} is not defined")
            yield None, env.variables[name]
        case ("as", source, name, body):
            for each in run(source, spot[1], env):
                yield from walk(body, spot, env.with_variable(name, each))
        case ("def", name, parameters, body, rest):
            yield from walk(rest, spot, _defined(env, name, parameters, body))
        case ("if", condition, then, other):
            for holds in run(condition, spot[1], env):
                yield from walk(then if words.truth(holds) else other, spot, env)
        case ("try", body, handler):
            yield from _tried(body, handler, spot, env)
        case ("reduce" | "foreach", *_):
            yield from _folded(node, spot, env)
        case ("binary", operator, left, right):
            yield from _binary(operator, left, right, spot, env)
        case ("call", name, arguments):
            yield from _call(name, arguments, spot, env)
        case _:
            for made in _made(node, spot[1], env):
                yield None, made


def _joined(path: Path | None, key: Any) -> Path | None:
    return None if path is None else (*path, key)


def _defined(env: Env, name: str, parameters: tuple[str, ...], body: Node) -> Env:
    inner = Env(env.frame, env.variables, dict(env.functions), env.depth)
    functions = dict(env.functions)
    functions[name, len(parameters)] = Closure(parameters, body, inner)
    inner.functions = functions  # a definition sees itself
    return Env(env.frame, env.variables, functions, env.depth)


def _made(node: Node, value: Any, env: Env) -> Iterator[Any]:
    charge = env.frame.budget.charge
    match node:
        case ("array", None):
            yield []
        case ("array", inner):
            items: list[Any] = []
            charge(PER_VALUE)
            for each in run(inner, value, env):
                charge(PER_ELEMENT)
                items.append(each)
            yield items
        case ("object", entries):
            yield from _objects(entries, {}, value, env)
        case ("string", parts):
            yield from _texts(parts, value, env)
        case ("written", inner, form):
            for each in run(inner, value, env):
                yield words.written(each, form, env.frame)
        case ("format", form):
            yield words.written(value, form, env.frame)
        case _:
            raise Raised(f"{node[0]} is not supported")


def _objects(
    entries: tuple[Any, ...], so_far: dict[str, Any], value: Any, env: Env
) -> Iterator[dict[str, Any]]:
    if not entries:
        yield so_far
        return
    (key, item), rest = entries[0], entries[1:]
    for name in run(key, value, env):
        if not isinstance(name, str):
            raise Raised(f"Object keys must be strings, not {type_of(name)}")
        for each in run(item, value, env):
            env.frame.budget.charge(PER_ENTRY * (1 + len(so_far)))
            yield from _objects(rest, {**so_far, name: each}, value, env)


def _texts(parts: tuple[Node, ...], value: Any, env: Env) -> Iterator[str]:
    if not parts:
        yield ""
        return
    for rest in _texts(parts[1:], value, env):
        for first in run(parts[0], value, env):
            env.frame.made(len(first) + len(rest))
            yield first + rest


def _tried(body: Node, handler: Node | None, spot: Spot, env: Env) -> Iterator[Spot]:
    try:
        yield from walk(body, spot, env)
    except LimitExceeded:
        raise
    except Raised as error:
        if error.value == "break":
            raise
        if handler is not None:
            yield from walk(handler, (None, error.value), env)


def _folded(node: Node, spot: Spot, env: Env) -> Iterator[Spot]:
    kind, source, name, start, update, extract = node
    for state in run(start, spot[1], env):
        for each in run(source, spot[1], env):
            inner = env.with_variable(name, each)
            last = None
            for last in run(update, state, inner):
                if kind == "foreach":
                    for shown in run(extract, last, inner) if extract else (last,):
                        yield None, shown
            state = last  # noqa: PLW2901 - the fold goes on from it
        if kind == "reduce":
            yield None, state


def _binary(operator: str, left: Node, right: Node, spot: Spot, env: Env) -> Iterator[Spot]:
    value = spot[1]
    if operator == "//":
        yield from _alternative(left, right, spot, env)
    elif operator in {"and", "or"}:
        for one in run(left, value, env):
            if words.truth(one) is (operator == "or"):
                yield None, operator == "or"
            else:
                for other in run(right, value, env):
                    yield None, words.truth(other)
    elif operator == "|=":
        yield None, _updated(left, lambda old: next(run(right, old, env), None), value, env)
    elif operator == "=":
        for new in run(right, value, env):
            yield None, _updated(left, lambda _, new=new: new, value, env)
    elif operator.endswith("=") and operator not in {"==", "!=", "<=", ">="}:
        for other in run(right, value, env):
            yield (
                None,
                _updated(left, lambda old, other=other: _applied(operator[:-1], old, other, env), value, env),
            )
    else:
        for other in run(right, value, env):
            for one in run(left, value, env):
                yield None, _applied(operator, one, other, env)


def _alternative(left: Node, right: Node, spot: Spot, env: Env) -> Iterator[Spot]:
    found = False
    try:
        for each in walk(left, spot, env):
            if words.truth(each[1]):
                found = True
                yield each
    except Raised:
        if found:
            return
    if not found:
        yield from walk(right, spot, env)


def _applied(operator: str, left: Any, right: Any, env: Env) -> Any:
    if operator == "//":
        return left if words.truth(left) else right
    if operator in {"==", "!="}:
        return (order_of(left) == order_of(right)) is (operator == "==")
    if operator in {"<", "<=", ">", ">="}:
        one, other = order_of(left), order_of(right)
        return {"<": one < other, "<=": one <= other, ">": one > other, ">=": one >= other}[operator]
    return words.calculated(operator, left, right, env.frame)


def _updated(target: Node, change: Any, value: Any, env: Env) -> Any:
    for path in paths_of(target, value, env):
        env.frame.tick()
        value = words.put(value, path, change(words.at(value, path)), env.frame)
    return value


def paths_of(target: Node, value: Any, env: Env) -> list[Path]:
    """Return the paths of all results. Raise Raised if one is no part of the value."""
    found = []
    for path, _ in walk(target, ((), value), env):
        if path is None:
            raise Raised("Invalid path expression")
        env.frame.budget.charge(PER_VALUE * (1 + len(path)))
        found.append(path)
    return found


def _call(  # noqa: C901 - one branch a function that needs its arguments unevaluated
    name: str, arguments: tuple[Node, ...], spot: Spot, env: Env
) -> Iterator[Spot]:
    known = env.functions.get((name, len(arguments)))
    if known is not None:
        yield from _closure(known, arguments, spot, env)
        return
    library = _LIBRARY.get((name, len(arguments)))
    if library is not None:
        inner = Env(env.frame, {}, {}, env.depth)
        parameters, body = library
        yield from _closure(Closure(parameters, body, inner), arguments, spot, env)
        return
    if name == "empty" and not arguments:
        return
    if name == "error":
        for message in run(arguments[0], spot[1], env) if arguments else (spot[1],):
            raise Raised(message)
        return
    if name == "path" and len(arguments) == 1:
        for path in paths_of(arguments[0], spot[1], env):
            yield None, list(path)
        return
    if name == "del" and len(arguments) == 1:
        yield None, words.removed(spot[1], paths_of(arguments[0], spot[1], env), env.frame)
        return
    if name == "getpath" and len(arguments) == 1:
        for path in run(arguments[0], spot[1], env):
            whole = None if spot[0] is None else (*spot[0], *path)
            yield whole, words.at(spot[1], tuple(path))
        return
    if name in {"first", "limit"} and arguments:
        yield from _limited(name, arguments, spot, env)
        return
    plain = words.WORDS.get((name, len(arguments)))
    if plain is None:
        raise Raised(f"{name}/{len(arguments)} is not defined")
    for given in _products(arguments, spot[1], env):
        for made in plain(env.frame, spot[1], *given):
            yield None, made


def _limited(name: str, arguments: tuple[Node, ...], spot: Spot, env: Env) -> Iterator[Spot]:
    counts = (1,) if name == "first" else run(arguments[0], spot[1], env)
    for most in counts:
        left = most
        if left <= 0:
            continue
        for each in walk(arguments[-1], spot, env):
            yield each
            left -= 1
            if left <= 0:
                break


def _products(arguments: tuple[Node, ...], value: Any, env: Env) -> Iterator[tuple[Any, ...]]:
    if not arguments:
        yield ()
        return
    for rest in _products(arguments[1:], value, env):
        for first in run(arguments[0], value, env):
            yield (first, *rest)


def _closure(known: Closure, arguments: tuple[Node, ...], spot: Spot, env: Env) -> Iterator[Spot]:
    if env.depth >= _DEEPEST:
        raise LimitExceeded("`jq`: the program calls itself too deep")
    functions = dict(known.env.functions)
    bound: list[tuple[str, Node]] = []
    for parameter, argument in zip(known.parameters, arguments, strict=True):
        if parameter.startswith("$"):
            bound.append((parameter, argument))
        functions[parameter.removeprefix("$"), 0] = Closure((), argument, env)
    inner = Env(env.frame, known.env.variables, functions, env.depth + 1)
    yield from _bound(known.body, bound, spot, inner, env)


def _bound(body: Node, bound: list[tuple[str, Node]], spot: Spot, inner: Env, env: Env) -> Iterator[Spot]:
    if not bound:
        yield from walk(body, spot, inner)
        return
    (name, argument), rest = bound[0], bound[1:]
    for each in run(argument, spot[1], env):
        yield from _bound(body, rest, spot, inner.with_variable(name, each), env)


_DEFINITIONS = {
    "map(f)": "[.[] | f]",
    "map_values(f)": ".[] |= f",
    "select(f)": "if f then . else empty end",
    "recurse(f)": "., (f | recurse(f))",
    "recurse(f; c)": "., (f | select(c) | recurse(f; c))",
    "recurse": "., (.[]? | recurse)",
    "with_entries(f)": "to_entries | map(f) | from_entries",
    "values": "select(. != null)",
    "nulls": "select(. == null)",
    "strings": 'select(type == "string")',
    "numbers": 'select(type == "number")',
    "booleans": 'select(type == "boolean")',
    "arrays": 'select(type == "array")',
    "objects": 'select(type == "object")',
    "iterables": 'select(type == "array" or type == "object")',
    "scalars": 'select(type != "array" and type != "object")',
    "any": "reduce .[] as $x (false; . or $x)",
    "all": "reduce .[] as $x (true; . and $x)",
    "any(f)": "reduce (.[] | f) as $x (false; . or $x)",
    "all(f)": "reduce (.[] | f) as $x (true; . and $x)",
    "any(g; f)": "reduce (g | f) as $x (false; . or $x)",
    "all(g; f)": "reduce (g | f) as $x (true; . and $x)",
    "add(f)": "reduce f as $x (null; . + $x)",
    "sort_by(f)": "_by([.[] | [f]])",
    "group_by(f)": "_groups([.[] | [f]])",
    "unique_by(f)": "[group_by(f)[] | .[0]]",
    "min_by(f)": "sort_by(f) | .[0]",
    "max_by(f)": "sort_by(f) | .[-1]",
    "first": ".[0]",
    "last": ".[-1]",
    "last(f)": "reduce f as $x (null; $x)",
    "nth($n)": ".[$n]",
    "nth($n; f)": "[limit($n + 1; f)][$n]",
    "until(c; f)": "if c then . else (f | until(c; f)) end",
    "while(c; f)": "if c then ., (f | while(c; f)) else empty end",
    "repeat(f)": "., (f | repeat(f))",
    "paths": "path(..) | select(length > 0)",
    "paths(f)": "path(.. | select(f)) | select(length > 0)",
    "leaf_paths": "paths(scalars)",
    "walk(f)": 'if type == "object" then map_values(walk(f)) elif type == "array" then map(walk(f)) else . end | f',
    "isempty(g)": "[limit(1; g)] | length == 0",
    "in($o)": ". as $k | $o | has($k)",
    "inside($o)": ". as $v | $o | contains($v)",
    "todate": "todateiso",
    "finites": "select(isinfinite | not)",
    "del_nulls": "del(.[]? | select(. == null))",
    "setpath($p; $v)": "_setpath($p; $v)",
    "delpaths($p)": "_delpaths($p)",
    "env": 'error("env is not available")',
    "input": 'error("input is not available")',
}
"""Functions of jq that are written in jq."""


def _library() -> dict[tuple[str, int], tuple[tuple[str, ...], Node]]:
    found = {}
    for head, body in _DEFINITIONS.items():
        name, _, rest = head.partition("(")
        parameters = tuple(each.strip() for each in rest.rstrip(")").split(";")) if rest else ()
        found[name, len(parameters)] = (parameters, parsed(body))
    return found


_LIBRARY = _library()
