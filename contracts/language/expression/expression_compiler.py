"""Compiles expressions to closures over a frame. It settles everything it can before rendering starts."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, TypeAlias

from contracts.language.expression import attribute
from contracts.language.expression import node as n
from contracts.language.expression.attribute import MISSING
from contracts.language.expression.budget import PER_ELEMENT, PER_ENTRY, PER_VALUE
from contracts.language.expression.check import CHECKS
from contracts.language.expression.errors import ExpressionError, UndefinedVariable
from contracts.language.expression.filters import FILTERS
from contracts.language.expression.frame import Frame
from contracts.language.expression.functions import FUNCTIONS
from contracts.language.expression.functions.value import bounds
from contracts.language.expression.impure import IMPURE_FUNCTIONS, why_unavailable
from contracts.language.expression.meant import filter_meant, function_meant
from contracts.language.expression.operator import BINARY, is_number, name_of, truthy
from contracts.language.expression.place import Places
from contracts.language.expression.vocabulary import ABSENT, Word

Value: TypeAlias = Callable[[Frame], Any]


class ExpressionCompiler:
    def __init__(self, places: Places, macros: Collection[str]) -> None:
        self._places = places
        self._macros = macros

    def value(self, expression: n.Expression) -> Value:
        match expression:
            case n.Constant(constant):
                return lambda frame: constant
            case n.Name(name):
                return self._name(name, expression.position)
            case n.Attribute():
                return self._attribute(expression)
            case n.Method():
                return self._method(expression)
            case n.Call():
                return self._call(expression)
            case n.Filter():
                return self._filter(expression)
            case n.Test():
                return self._test(expression)
            case n.Unary():
                return self._unary(expression)
            case n.Binary():
                return self._binary(expression)
            case n.Ternary():
                return self._ternary(expression)
            case n.ListLiteral(items):
                values = [self.value(item) for item in items]
                return _list_of(values)
            case n.MapLiteral(entries):
                pairs = [(self.value(key), self.value(item)) for key, item in entries]
                return _map_of(pairs)
            case n.Interpolation(parts):
                return _interpolated([self.value(part) for part in parts])

    def bounds(self, expression: n.Expression) -> Value | None:
        """Return what gives the bounds of a range without its elements. None if the expression is no range. It gives None for a range
        of characters."""
        match expression:
            case n.Call(name="range", arguments=given) if "range" not in self._macros:
                arguments = self._bind(FUNCTIONS["range"], "range", given, expression.position)
            case n.Binary(operator="..", left=left, right=right):
                arguments = [self.value(left), self.value(right)]
            case _:
                return None

        def run(frame: Frame) -> range | None:
            frame.tick()
            return bounds(frame, *[argument(frame) for argument in arguments])

        return self._places.located(run, expression.position)

    def _name(self, name: str, position: int) -> Value:
        undefined = self._places.undefined(name, position)

        def read(frame: Frame) -> Any:
            if name in frame.locals:
                return frame.locals[name]
            found = frame.variables.get(name, MISSING)
            if found is MISSING:
                raise undefined()
            return found

        return read

    def _attribute(self, expression: n.Attribute) -> Value:
        target, key = self.value(expression.target), expression.key
        if isinstance(key, n.Constant) and isinstance(key.value, str):
            return self._member(target, key.value, expression.position)
        index = self.value(key)

        def read(frame: Frame) -> Any:
            at = index(frame)
            found = attribute.get(target(frame), at)
            if found is MISSING:
                raise self._places.undefined(frame.text(at), expression.position)()  # noqa: RSE102 - made here
            return found

        return read

    def _member(self, target: Value, name: str, position: int) -> Value:
        undefined = self._places.undefined(name, position)

        def read(frame: Frame) -> Any:
            value = target(frame)
            found = value.get(name, MISSING) if type(value) is dict else attribute.get(value, name)
            if found is MISSING:
                raise undefined()
            return found

        return read

    def _method(self, expression: n.Method) -> Value:
        target = self.value(expression.target)
        arguments = [self.value(argument) for argument in expression.arguments]
        name = expression.name

        def call(frame: Frame) -> Any:
            frame.tick()
            value = target(frame)
            found = attribute.method(value, name)
            if found is None:
                raise UndefinedVariable(f"A {name_of(value)} has no method `{name}`")
            try:
                return frame.bounded(found(frame.budget, value, *[argument(frame) for argument in arguments]))
            except (TypeError, ValueError, IndexError) as error:
                raise ExpressionError(f"`{name}`: {error}") from error

        return self._places.located(call, expression.position)

    def _call(self, expression: n.Call) -> Value:
        name = expression.name
        if name in self._macros:
            return self._call_macro(expression)
        if name in IMPURE_FUNCTIONS:
            return self._call_port(expression)
        word = FUNCTIONS.get(name)
        if word is None:
            raise self._places.syntax_error(
                f"Function or Macro [{name}] does not exist",
                expression.position,
                function_meant(name, self._macros),
            )
        arguments = self._bind(word, name, expression.arguments, expression.position)
        run = word.run

        def call(frame: Frame) -> Any:
            frame.tick()
            return frame.bounded(run(frame, *[argument(frame) for argument in arguments]))

        return self._places.located(call, expression.position)

    def _call_macro(self, expression: n.Call) -> Value:
        name = expression.name
        positional = [self.value(argument) for argument in expression.arguments.positional]
        named = [(key, self.value(argument)) for key, argument in expression.arguments.named]

        def call(frame: Frame) -> Any:
            arguments = tuple(argument(frame) for argument in positional)
            return frame.macros[name](frame, arguments, {key: argument(frame) for key, argument in named})

        return self._places.located(call, expression.position)

    def _call_port(self, expression: n.Call) -> Value:
        name = expression.name
        positional = [self.value(argument) for argument in expression.arguments.positional]
        named = [(key, self.value(argument)) for key, argument in expression.arguments.named]

        def call(frame: Frame) -> Any:
            frame.tick()
            port = frame.scope.ports.get(name)
            if port is None:
                raise ExpressionError(why_unavailable(name))
            try:
                return port(*[a(frame) for a in positional], **{key: a(frame) for key, a in named})
            except TypeError as error:
                raise ExpressionError(f"Function `{name}`: {error}") from error

        return self._places.located(call, expression.position)

    def _filter(self, expression: n.Filter) -> Value:
        target = self.value(expression.target)
        apply = self.filter(expression.name, expression.arguments, expression.position)
        if expression.name == "default":
            # `default` is the only filter that accepts an operand which cannot be resolved.
            return lambda frame: apply(frame, _or_none(target, frame))
        return lambda frame: apply(frame, target(frame))

    def filter(self, name: str, given: n.Arguments, position: int) -> Callable[[Frame, Any], Any]:
        word = FILTERS.get(name)
        if word is None:
            raise self._places.syntax_error(f"Filter [{name}] does not exist", position, filter_meant(name))
        arguments = self._bind(word, name, given, position)
        run = word.run

        def apply(frame: Frame, value: Any) -> Any:
            frame.tick()
            try:
                return frame.bounded(run(frame, value, *[argument(frame) for argument in arguments]))
            except ExpressionError as error:
                raise self._places.placed(error, position) from error

        return apply

    def _bind(self, word: Word, name: str, given: n.Arguments, position: int) -> list[Value]:
        """Return the arguments in the order of the parameters. Missing ones become ABSENT."""
        values: list[Value] = [self.value(argument) for argument in given.positional]
        if len(values) > len(word.parameters) and not word.variadic:
            raise self._places.syntax_error(
                f"`{name}` takes at most {len(word.parameters)} arguments", position
            )
        absent: Value = lambda frame: ABSENT  # noqa: E731 - a value like the others
        places = values + [absent] * (len(word.parameters) - len(values))
        filled = set(word.parameters[: len(values)])
        for key, argument in given.named:
            if key not in word.parameters:
                raise self._places.syntax_error(
                    f"`{name}` has no argument `{key}`; its arguments are {', '.join(word.parameters) or 'none'}",
                    position,
                )
            places[word.parameters.index(key)] = self.value(argument)
            filled.add(key)
        missing = [parameter for parameter in word.parameters[: word.required] if parameter not in filled]
        if missing:
            raise self._places.syntax_error(f"`{name}` needs the argument `{missing[0]}`", position)
        while places and places[-1] is absent:
            places.pop()
        return places

    def _test(self, expression: n.Test) -> Value:
        target, name, negated = self.value(expression.target), expression.name, expression.negated
        if name == "defined":
            return lambda frame: (_or_none(target, frame) is not None) != negated
        test = CHECKS.get(name)
        if test is None:
            known = ", ".join(sorted(CHECKS))
            raise self._places.syntax_error(
                f"Test [{name}] does not exist; the tests are {known}", expression.position
            )
        holds = test.run
        return self._places.located(lambda frame: holds(frame, target(frame)) != negated, expression.position)

    def _unary(self, expression: n.Unary) -> Value:
        operand, operator = self.value(expression.operand), expression.operator

        def run(frame: Frame) -> Any:
            value = operand(frame)
            if operator == "not":
                return not truthy(value)
            if not is_number(value):
                raise ExpressionError(f"`{operator}` needs a number, found {name_of(value)}")
            return -value if operator == "-" else value

        return self._places.located(run, expression.position)

    def _binary(self, expression: n.Binary) -> Value:
        left, right = self.value(expression.left), self.value(expression.right)
        match expression.operator:
            case "??":
                return lambda frame: found if (found := _or_none(left, frame)) is not None else right(frame)
            case "???":
                return lambda frame: right(frame) if (found := _or_missing(left, frame)) is MISSING else found
            case "and":
                return self._places.located(
                    lambda frame: truthy(left(frame)) and truthy(right(frame)), expression.position
                )
            case "or":
                return self._places.located(
                    lambda frame: truthy(left(frame)) or truthy(right(frame)), expression.position
                )
            case operator:
                run = BINARY[operator]
        return self._places.located(
            lambda frame: frame.bounded(run(left(frame), right(frame), frame.budget)), expression.position
        )

    def _ternary(self, expression: n.Ternary) -> Value:
        condition = self.value(expression.condition)
        yes, no = self.value(expression.yes), self.value(expression.no)

        def run(frame: Frame) -> Any:
            chosen = condition(frame)
            return yes(frame) if chosen is not None and truthy(chosen) else no(frame)

        return self._places.located(run, expression.position)


def _list_of(values: list[Value]) -> Value:
    size = PER_VALUE + len(values) * (PER_ELEMENT + PER_VALUE)

    def make(frame: Frame) -> list[Any]:
        frame.budget.charge(size)
        return [value(frame) for value in values]

    return make


def _map_of(pairs: list[tuple[Value, Value]]) -> Value:
    size = PER_VALUE + len(pairs) * (PER_ENTRY + PER_VALUE)

    def make(frame: Frame) -> dict[str, Any]:
        frame.budget.charge(size)
        return {frame.text(key(frame)): item(frame) for key, item in pairs}

    return make


def _interpolated(texts: list[Value]) -> Value:
    def make(frame: Frame) -> str:
        printed = [frame.text(text(frame)) for text in texts]
        frame.made(sum(map(len, printed)))
        return "".join(printed)

    return make


def _or_none(value: Value, frame: Frame) -> Any:
    try:
        return value(frame)
    except UndefinedVariable:
        return None


def _or_missing(value: Value, frame: Frame) -> Any:
    try:
        return value(frame)
    except UndefinedVariable:
        return MISSING
