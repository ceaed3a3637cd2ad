"""The tree to closures over a frame. Everything that can be known once is known here, not while rendering."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from contracts.expression import attribute
from contracts.expression import node as n
from contracts.expression.attribute import MISSING
from contracts.expression.errors import ExpressionError, UndefinedVariable
from contracts.expression.filters import FILTERS
from contracts.expression.frame import Frame
from contracts.expression.functions import FUNCTIONS
from contracts.expression.impure import IMPURE_FUNCTIONS
from contracts.expression.lexer import locate, syntax_error
from contracts.expression.operator import BINARY, is_number, name_of, truthy
from contracts.expression.tests_ import TESTS
from contracts.expression.text import to_text
from contracts.expression.vocabulary import ABSENT, Word

Value: TypeAlias = Callable[[Frame], Any]
Output: TypeAlias = Callable[[Frame, list[str]], None]


class Compiler:
    def __init__(self, tree: n.Tree) -> None:
        self.source = tree.source
        self.macros = tree.macros

    # ---- statements

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
        return self._located(lambda frame: truthy(value(frame)), condition.position)

    def _for(self, statement: n.For) -> Output:
        items, inner = self.value(statement.items), self.body(statement.body)
        otherwise, name = self.body(statement.otherwise), statement.name
        elements = self._located(lambda frame: _elements(items(frame)), statement.position)

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
        """Declared where it stands; callable from everywhere, since macros are collected while parsing."""
        del statement
        return lambda frame, out: None

    def macro(self, macro: n.Macro) -> Callable[[Frame, tuple[Any, ...], dict[str, Any]], str]:
        """Its body sees its arguments alone."""
        inner = self.body(macro.body)
        defaults = [(name, None if d is None else self.value(d)) for name, d in macro.parameters]

        def run(frame: Frame, positional: tuple[Any, ...], named: dict[str, Any]) -> str:
            frame.tick()
            if len(positional) > len(defaults):
                raise ExpressionError(
                    f"Macro `{macro.name}` takes {len(defaults)} arguments, {len(positional)} given"
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
            self._bind_filter(name, arguments, statement.position) for name, arguments in statement.filters
        ]

        def run(frame: Frame, out: list[str]) -> None:
            inside: list[str] = []
            inner(frame, inside)
            value: Any = "".join(inside)
            for apply in filters:
                value = apply(frame, value)
            out.append(frame.note(to_text(value)))

        return run

    # ---- expressions

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
                return lambda frame: [value(frame) for value in values]
            case n.MapLiteral(entries):
                pairs = [(self.value(key), self.value(item)) for key, item in entries]
                return lambda frame: {to_text(key(frame)): item(frame) for key, item in pairs}
            case n.Interpolation(parts):
                texts = [self.value(part) for part in parts]
                return lambda frame: "".join([to_text(text(frame)) for text in texts])

    def _name(self, name: str, position: int) -> Value:
        undefined = self._undefined(name, position)

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
                raise self._undefined(to_text(at), expression.position)()  # noqa: RSE102 - made here
            return found

        return read

    def _member(self, target: Value, name: str, position: int) -> Value:
        undefined = self._undefined(name, position)

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
                return frame.bounded(found(value, *[argument(frame) for argument in arguments]))
            except (TypeError, ValueError, IndexError) as error:
                raise ExpressionError(f"`{name}`: {error}") from error

        return self._located(call, expression.position)

    def _call(self, expression: n.Call) -> Value:
        name = expression.name
        if name in self.macros:
            return self._call_macro(expression)
        if name in IMPURE_FUNCTIONS:
            return self._call_port(expression)
        word = FUNCTIONS.get(name)
        if word is None:
            raise syntax_error(f"Function or Macro [{name}] does not exist", self.source, expression.position)
        arguments = self._bind(word, name, expression.arguments, expression.position)
        run = word.run

        def call(frame: Frame) -> Any:
            frame.tick()
            return frame.bounded(run(frame, *[argument(frame) for argument in arguments]))

        return self._located(call, expression.position)

    def _call_macro(self, expression: n.Call) -> Value:
        name = expression.name
        positional = [self.value(argument) for argument in expression.arguments.positional]
        named = [(key, self.value(argument)) for key, argument in expression.arguments.named]

        def call(frame: Frame) -> Any:
            arguments = tuple(argument(frame) for argument in positional)
            return frame.macros[name](frame, arguments, {key: argument(frame) for key, argument in named})

        return self._located(call, expression.position)

    def _call_port(self, expression: n.Call) -> Value:
        name = expression.name
        positional = [self.value(argument) for argument in expression.arguments.positional]
        named = [(key, self.value(argument)) for key, argument in expression.arguments.named]

        def call(frame: Frame) -> Any:
            frame.tick()
            port = frame.scope.ports.get(name)
            if port is None:
                raise ExpressionError(
                    f"Function `{name}` is not available here: it works in the properties of tasks that a worker runs"
                )
            try:
                return port(*[a(frame) for a in positional], **{key: a(frame) for key, a in named})
            except TypeError as error:
                raise ExpressionError(f"Function `{name}`: {error}") from error

        return self._located(call, expression.position)

    def _filter(self, expression: n.Filter) -> Value:
        target = self.value(expression.target)
        apply = self._bind_filter(expression.name, expression.arguments, expression.position)
        if expression.name == "default":
            # The only filter that sees an unresolvable operand (flow-language 9.10).
            return lambda frame: apply(frame, _or_none(target, frame))
        return lambda frame: apply(frame, target(frame))

    def _bind_filter(self, name: str, given: n.Arguments, position: int) -> Callable[[Frame, Any], Any]:
        word = FILTERS.get(name)
        if word is None:
            raise syntax_error(f"Filter [{name}] does not exist", self.source, position)
        arguments = self._bind(word, name, given, position)
        run = word.run

        def apply(frame: Frame, value: Any) -> Any:
            frame.tick()
            try:
                return frame.bounded(run(frame, value, *[argument(frame) for argument in arguments]))
            except ExpressionError as error:
                raise self._place(error, position) from error

        return apply

    def _bind(self, word: Word, name: str, given: n.Arguments, position: int) -> list[Value]:
        """Arguments in the order of the parameters; absent ones are ABSENT."""
        values: list[Value] = [self.value(argument) for argument in given.positional]
        if len(values) > len(word.parameters) and not word.variadic:
            raise syntax_error(
                f"`{name}` takes at most {len(word.parameters)} arguments", self.source, position
            )
        absent: Value = lambda frame: ABSENT  # noqa: E731 - a value like the others
        places = values + [absent] * (len(word.parameters) - len(values))
        filled = set(word.parameters[: len(values)])
        for key, argument in given.named:
            if key not in word.parameters:
                raise syntax_error(
                    f"`{name}` has no argument `{key}`; it has {', '.join(word.parameters) or 'none'}",
                    self.source,
                    position,
                )
            places[word.parameters.index(key)] = self.value(argument)
            filled.add(key)
        missing = [parameter for parameter in word.parameters[: word.required] if parameter not in filled]
        if missing:
            raise syntax_error(f"`{name}` needs the argument `{missing[0]}`", self.source, position)
        while places and places[-1] is absent:
            places.pop()
        return places

    def _test(self, expression: n.Test) -> Value:
        target, name, negated = self.value(expression.target), expression.name, expression.negated
        if name == "defined":
            return lambda frame: (_or_none(target, frame) is not None) != negated
        test = TESTS.get(name)
        if test is None:
            known = ", ".join(sorted([*TESTS, "defined"]))
            raise syntax_error(
                f"Test [{name}] does not exist; known are {known}", self.source, expression.position
            )
        return self._located(lambda frame: test(target(frame)) != negated, expression.position)

    def _unary(self, expression: n.Unary) -> Value:
        operand, operator = self.value(expression.operand), expression.operator

        def run(frame: Frame) -> Any:
            value = operand(frame)
            if operator == "not":
                return not truthy(value)
            if not is_number(value):
                raise ExpressionError(f"`{operator}` needs a number, found {name_of(value)}")
            return -value if operator == "-" else value

        return self._located(run, expression.position)

    def _binary(self, expression: n.Binary) -> Value:
        left, right = self.value(expression.left), self.value(expression.right)
        match expression.operator:
            case "??":
                return lambda frame: found if (found := _or_none(left, frame)) is not None else right(frame)
            case "???":
                return lambda frame: right(frame) if (found := _or_missing(left, frame)) is MISSING else found
            case "and":
                return self._located(
                    lambda frame: truthy(left(frame)) and truthy(right(frame)), expression.position
                )
            case "or":
                return self._located(
                    lambda frame: truthy(left(frame)) or truthy(right(frame)), expression.position
                )
            case operator:
                run = BINARY[operator]
        return self._located(lambda frame: frame.bounded(run(left(frame), right(frame))), expression.position)

    def _ternary(self, expression: n.Ternary) -> Value:
        condition = self.value(expression.condition)
        yes, no = self.value(expression.yes), self.value(expression.no)

        def run(frame: Frame) -> Any:
            chosen = condition(frame)
            return yes(frame) if chosen is not None and truthy(chosen) else no(frame)

        return self._located(run, expression.position)

    # ---- places

    def _located(self, run: Callable[[Frame], Any], position: int) -> Callable[[Frame], Any]:
        def located(frame: Frame) -> Any:
            try:
                return run(frame)
            except ExpressionError as error:
                raise self._place(error, position) from error
            except RecursionError as error:
                raise self._place(ExpressionError("The expression is nested too deeply"), position) from error

        return located

    def _place(self, error: ExpressionError, position: int) -> ExpressionError:
        if not error.line:
            error.source = self.source
            error.line, error.column = locate(self.source, position)
        return error

    def _undefined(self, name: str, position: int) -> Callable[[], UndefinedVariable]:
        """Made only when raised: nothing of it is paid while all is well."""

        def make() -> UndefinedVariable:
            line, column = locate(self.source, position)
            excerpt = self.source if len(self.source) <= 200 else self.source[:200] + "…"
            message = f"Unable to find `{name}` used in the expression `{excerpt}` at line {line}"
            return UndefinedVariable(message, self.source, 0, column)

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


def _elements(value: Any) -> list[Any]:
    if value is None:
        return []
    if isinstance(value, list | tuple):
        return list(value)
    if isinstance(value, Mapping):
        return [{"key": key, "value": item} for key, item in value.items()]
    raise ExpressionError(f"`for` needs a list or a map, found {name_of(value)}")


def _print(value: Value) -> Output:
    def run(frame: Frame, out: list[str]) -> None:
        out.append(frame.note(to_text(value(frame))))

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
        frame.blocks[name] = text
        inner(frame, out)

    return run
