"""Compiles the tree to closures that write text. ``expression_compiler`` compiles the expressions in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from contracts.language.expression import node as n
from contracts.language.expression.attribute import MISSING
from contracts.language.expression.budget import PER_ENTRY, PER_VALUE
from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.expression_compiler import ExpressionCompiler, Value
from contracts.language.expression.frame import Frame
from contracts.language.expression.operator import name_of, truthy
from contracts.language.expression.place import Places
from contracts.language.expression.text import to_text

Output: TypeAlias = Callable[[Frame, list[str]], None]


class Compiler:
    def __init__(self, tree: n.Tree) -> None:
        self._places = Places(tree.source)
        self._expressions = ExpressionCompiler(self._places, tree.macros)
        self.value = self._expressions.value

    def bounds(self, body: n.Body) -> Callable[[Frame], range | None] | None:
        """Return what gives the bounds of a range, if the body is one, perhaps with white space around it, and nothing else."""
        parts = [each for each in body if not (isinstance(each, n.Text) and not each.text.strip())]
        if len(parts) != 1 or not isinstance(parts[0], n.Print):
            return None
        return self._expressions.bounds(parts[0].expression)

    def body(self, body: n.Body) -> Output:
        outputs = [self.statement(statement) for statement in body]
        if len(outputs) == 1:
            return outputs[0]

        def run(frame: Frame, out: list[str]) -> None:
            for output in outputs:
                output(frame, out)

        return run

    def statement(self, statement: n.Statement) -> Output:
        match statement:
            case n.Text(text):
                return lambda frame, out: out.append(frame.note(text))
            case n.Raw(text):
                return _raw(text)
            case n.Print(expression):
                return _print(self.value(expression))
            case n.If():
                return self._if(statement)
            case n.For():
                return self._for(statement)
            case n.Set(name, expression):
                return _set(name, self.value(expression))
            case n.Macro():
                return self._macro(statement)
            case n.Block(name, inner):
                return _block(name, self.body(inner))
            case n.FilterTag():
                return self._filter_tag(statement)

    def _if(self, statement: n.If) -> Output:
        branches = [(self._guarded(condition), self.body(inner)) for condition, inner in statement.branches]
        otherwise = self.body(statement.otherwise)

        def run(frame: Frame, out: list[str]) -> None:
            for condition, inner in branches:
                if condition(frame):
                    inner(frame, out)
                    return
            otherwise(frame, out)

        return run

    def _guarded(self, condition: n.Expression) -> Callable[[Frame], bool]:
        value = self.value(condition)
        return self._places.located(lambda frame: truthy(value(frame)), condition.position)

    def _for(self, statement: n.For) -> Output:
        items, inner = self.value(statement.items), self.body(statement.body)
        otherwise, name = self.body(statement.otherwise), statement.name
        elements = self._places.located(lambda frame: _elements(frame, items(frame)), statement.position)

        def run(frame: Frame, out: list[str]) -> None:
            values = elements(frame)
            if not values:
                otherwise(frame, out)
                return
            before = {key: frame.locals.get(key, MISSING) for key in (name, "loop")}
            length = len(values)
            for index, value in enumerate(values):
                frame.tick()
                frame.locals[name] = value
                frame.locals["loop"] = {
                    "index": index,
                    "length": length,
                    "first": index == 0,
                    "last": index == length - 1,
                    "revindex": length - index - 1,
                }
                inner(frame, out)
            for key, old in before.items():
                if old is MISSING:
                    frame.locals.pop(key, None)
                else:
                    frame.locals[key] = old

        return run

    def _macro(self, statement: n.Macro) -> Output:
        """A macro's declaration prints nothing. The parser collects macros, so they can be called from anywhere."""
        del statement
        return lambda frame, out: None

    def macro(self, macro: n.Macro) -> Callable[[Frame, tuple[Any, ...], dict[str, Any]], str]:
        """The macro's body sees only its arguments."""
        inner = self.body(macro.body)
        defaults = [(name, None if d is None else self.value(d)) for name, d in macro.parameters]

        def run(frame: Frame, positional: tuple[Any, ...], named: dict[str, Any]) -> str:
            frame.tick()
            if len(positional) > len(defaults):
                raise ExpressionError(
                    f"Macro `{macro.name}` takes {len(defaults)} arguments, but {len(positional)} are given"
                )
            given: dict[str, Any] = {name: None if d is None else d(frame) for name, d in defaults}
            given.update(zip((name for name, _ in defaults), positional, strict=False))
            given.update(named)
            outside, outside_variables = frame.locals, frame.variables
            frame.locals, frame.variables = given, {}
            frame.passes += 1
            if frame.passes > frame.scope.limits.max_passes:
                raise ExpressionError("Macros call each other without end")
            out: list[str] = []
            try:
                inner(frame, out)
            finally:
                frame.locals, frame.variables = outside, outside_variables
                frame.passes -= 1
            return "".join(out)

        return run

    def _filter_tag(self, statement: n.FilterTag) -> Output:
        inner = self.body(statement.body)
        filters = [
            self._expressions.filter(name, arguments, statement.position)
            for name, arguments in statement.filters
        ]

        def run(frame: Frame, out: list[str]) -> None:
            inside: list[str] = []
            inner(frame, inside)
            value: Any = "".join(inside)
            for apply in filters:
                value = apply(frame, value)
            out.append(frame.note(frame.text(value)))

        return run


def _elements(frame: Frame, value: Any) -> Sequence[Any]:
    if value is None:
        return ()
    if isinstance(value, list | tuple):
        return value
    if isinstance(value, Mapping):
        frame.budget.charge(2 * PER_ENTRY * len(value))
        return [{"key": key, "value": item} for key, item in value.items()]
    raise ExpressionError(f"`for` needs a list or a map, found {name_of(value)}")


def _print(value: Value) -> Output:
    def run(frame: Frame, out: list[str]) -> None:
        made = value(frame)
        if not isinstance(made, str):
            budget = frame.budget
            budget.left -= PER_VALUE
            if budget.left < 0:
                raise budget.exceeded()
            made = to_text(made, budget)
        out.append(frame.note(made))

    return run


def _raw(text: str) -> Output:
    def run(frame: Frame, out: list[str]) -> None:
        if frame.protect is not None:
            frame.protect.append(text)
            out.append(f"\x00{len(frame.protect) - 1}\x00")
        else:
            out.append(frame.note(text))

    return run


def _set(name: str, value: Value) -> Output:
    def run(frame: Frame, out: list[str]) -> None:
        del out
        frame.locals[name] = value(frame)

    return run


def _block(name: str, inner: Output) -> Output:
    def text(frame: Frame) -> str:
        out: list[str] = []
        inner(frame, out)
        return "".join(out)

    def run(frame: Frame, out: list[str]) -> None:
        frame.blocks = {**frame.blocks, name: text}
        inner(frame, out)

    return run
