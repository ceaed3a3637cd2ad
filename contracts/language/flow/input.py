"""The values of a flow's inputs: which are enabled, where each value comes from, its type, and its errors
(docs/language/inputs.md#values). Files are stored before and are given as their URI."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol, TypeAlias

from contracts.language.encrypted import MASK, holds_encrypted, reads_encrypted
from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.impure import NotHere
from contracts.language.expression.operator import name_of
from contracts.language.expression.presence import has_expression
from contracts.language.expression.scope import Scope
from contracts.language.expression.template import Template, compile_template
from contracts.language.flow.input_parts import fitted
from contracts.language.flow.input_value import typed
from contracts.language.types.index import INPUTS
from contracts.language.types.input.choice import Choice, not_offered, options_of
from contracts.language.types.input.common import Input, ListInput
from contracts.language.types.input.value import text_of

_LONGEST_CAUSE = 2_000
_CONDITION_FAILS = "Invalid condition: "
_OPTIONS_FAIL = "Cannot render 'expression'. Cause: "


@dataclass(frozen=True, slots=True)
class InputViolation:
    input: str
    message: str


@dataclass(frozen=True, slots=True)
class ResolvedInput:
    input: Input
    value: object = None
    enabled: bool = True
    is_default: bool = False
    errors: tuple[str, ...] = ()
    options: tuple[str, ...] | None = None
    """The options of a SELECT, with its expression rendered."""
    pending: bool = False
    """Only a worker can say whether it is enabled and what its value is. It has neither value nor errors yet."""


@dataclass(frozen=True, slots=True)
class InputResolution:
    values: Mapping[str, object]
    """Nested by dotted id. A disabled input is absent, an optional one without value is None."""
    violations: tuple[InputViolation, ...]
    unknown: tuple[str, ...]
    """Given but not declared. Ignored."""
    inputs: tuple[ResolvedInput, ...]
    """In the order of declaration."""


def is_rendering_error(message: str) -> bool:
    """Whether the error is that of an expression in the flow, not of a value that was given."""
    return message.startswith(_CONDITION_FAILS) or _OPTIONS_FAIL in message


Evaluate: TypeAlias = Callable[[Template, Scope], object]


def evaluate_here(template: Template, scope: Scope) -> object:
    """Raise NotHere for what only a worker can read."""
    if reads_encrypted(template.paths, scope.variables):
        raise NotHere
    return template.evaluate(scope)


class Encryption(Protocol):
    """How the value of a SECRET becomes one that may be kept. Both may raise what says that a worker is needed."""

    def of_text(self, name: str, text: str) -> object:
        """A text that was given for the input of this name, or stands in the flow."""
        ...

    def of_template(self, template: Template, scope: Scope) -> object:
        """What a default gives. None if that is nothing."""
        ...


class Unencrypted:
    """For whoever only checks values and keeps none. A default is left to whoever keeps it."""

    def of_text(self, name: str, text: str) -> object:  # noqa: ARG002
        return text

    def of_template(self, template: Template, scope: Scope) -> object:  # noqa: ARG002
        raise NotHere


UNENCRYPTED = Unencrypted()


def resolve_inputs(
    declared: Sequence[Input],
    given: Mapping[str, object],
    scope: Scope,
    evaluate: Evaluate = evaluate_here,
    encryption: Encryption = UNENCRYPTED,
) -> InputResolution:
    """``given`` is by dotted id, nested, or both. ``scope`` has what input expressions may see besides ``inputs``
    (flow, namespace, envs, globals, vars, labels). Only what ``evaluate`` and ``encryption`` raise beside ExpressionError is raised."""
    run = _Resolution({each.id: each for each in declared}, given, scope, evaluate, encryption)
    resolved = tuple(run.resolve(each.id) for each in declared)
    violations = tuple(InputViolation(each.input.id, message) for each in resolved for message in each.errors)
    values: dict[str, object] = {}
    for each in resolved:
        if each.enabled and not each.errors and not each.pending:
            _put(values, each.input.id, each.value)
    return InputResolution(values, violations, tuple(_unknown(given, run.declared)), resolved)


@dataclass(slots=True)
class _Resolution:
    declared: Mapping[str, Input]
    given: Mapping[str, object]
    scope: Scope
    evaluate: Evaluate
    encryption: Encryption
    done: dict[str, ResolvedInput] = field(default_factory=dict)
    open: set[str] = field(default_factory=set)

    def resolve(self, name: str) -> ResolvedInput:
        if name not in self.done:
            self.open.add(name)
            self.done[name] = self._one(self.declared[name])
            self.open.discard(name)
        return self.done[name]

    def _one(self, declared: Input) -> ResolvedInput:
        visible: dict[str, object] = {}
        unknown = False
        needs = declared.depends_on
        for other in needs.inputs if needs else ():
            if other not in self.declared or other in self.open:
                return ResolvedInput(
                    declared, enabled=False, errors=(_invalid(declared, f"cannot resolve `{other}`"),)
                )
            found = self.resolve(other)
            if found.pending:
                return ResolvedInput(declared, pending=True)
            if not found.enabled:
                return ResolvedInput(declared, enabled=False)
            _put(visible, other, None if found.errors else found.value)
            unknown = unknown or bool(found.errors)
        scope = _with_inputs(self.scope, visible)
        if needs and needs.condition is not None:
            try:
                holds = self.evaluate(compile_template(needs.condition), scope)
            except NotHere:
                return ResolvedInput(declared, pending=True)
            except ExpressionError as error:
                return ResolvedInput(declared, enabled=False, errors=(f"{_CONDITION_FAILS}{error}",))
            if holds is not True:
                return ResolvedInput(declared, enabled=False)
        if unknown and _asks(declared):
            return ResolvedInput(
                declared
            )  # what it asks for has no value yet, and the execution is refused anyway
        try:
            return self._valued(declared, scope)
        except NotHere:
            return ResolvedInput(declared, pending=True)
        except (ExpressionError, ValueError) as error:
            return ResolvedInput(declared, errors=(_invalid(declared, str(error)),))

    def _valued(self, declared: Input, scope: Scope) -> ResolvedInput:
        known = INPUTS[declared.type]
        choice = known.choice(declared) if known.choice is not None else None
        options = _options(choice, scope, self.evaluate) if choice is not None else None
        found, raw = _lookup(self.given, declared.id)
        is_default = False
        if not found or raw is None:
            raw = self._default(declared, choice, options, scope)
            is_default = raw is not None
        if raw is None:
            errors = (f"Missing required input:{declared.id}",) if declared.required else ()
            return ResolvedInput(declared, None, errors=errors, options=options)
        try:
            value = typed(declared.type, raw, declared.item_type if isinstance(declared, ListInput) else None)
        except ValueError as error:
            return ResolvedInput(declared, raw, errors=(_invalid(declared, str(error)),), options=options)
        if not known.secret and holds_encrypted(value):
            raise ValueError("an encrypted value fits no other input than a SECRET")
        value, causes = fitted(declared, value)
        if choice is not None and options is not None and declared.required and not choice.custom:
            causes = [*causes, *not_offered(value, options)]
        shown = MASK if known.secret else value if isinstance(value, (str, int, float, Decimal)) else raw
        errors = (_invalid(declared, "\n".join(causes) + f", but received `{shown}`"),) if causes else ()
        if known.secret and isinstance(value, str) and not errors:
            value = self.encryption.of_text(declared.id, value)
        return ResolvedInput(declared, value, is_default=is_default, errors=errors, options=options)

    def _default(
        self, declared: Input, choice: Choice | None, options: tuple[str, ...] | None, scope: Scope
    ) -> object:
        """Return the default, rendered to a typed value if it is an expression, or the first option if that is requested."""
        defaults = declared.defaults
        if INPUTS[declared.type].secret and isinstance(defaults, str) and has_expression(defaults):
            return self.encryption.of_template(compile_template(defaults), scope)
        value = _rendered(defaults, scope, self.evaluate)
        if value is None and options and choice is not None and choice.first:
            return [options[0]] if choice.many else options[0]
        return value


def _asks(declared: Input) -> bool:
    """Whether the input has an expression that may read others."""
    known = INPUTS[declared.type]
    choice = known.choice(declared) if known.choice is not None else None
    defaults = declared.defaults
    return (choice is not None and choice.expression is not None) or (
        isinstance(defaults, str) and has_expression(defaults)
    )


def _invalid(declared: Input, cause: str) -> str:
    # A cause shows the value, which may be as long as a request.
    cause = cause if len(cause) <= _LONGEST_CAUSE else cause[:_LONGEST_CAUSE] + "…"
    return f"Invalid value for input `{declared.id}`. Cause: {cause}"


def _with_inputs(scope: Scope, visible: Mapping[str, object]) -> Scope:
    return scope.seeing({**scope.variables, "inputs": visible})


def _rendered(value: object, scope: Scope, evaluate: Evaluate) -> object:
    if isinstance(value, str):
        return evaluate(compile_template(value), scope) if has_expression(value) else value
    if isinstance(value, Mapping):
        return {key: _rendered(part, scope, evaluate) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rendered(part, scope, evaluate) for part in value]
    return value


def _options(choice: Choice, scope: Scope, evaluate: Evaluate) -> tuple[str, ...]:
    if choice.expression is None:
        return tuple(options_of(choice.written))
    try:
        found = evaluate(compile_template(choice.expression), scope)
    except ExpressionError as error:
        raise ValueError(f"{_OPTIONS_FAIL}{error}") from None
    if not isinstance(found, (list, tuple)):
        received = f"{name_of(found)} `{text_of(found)}`"
        raise ValueError(f"Invalid expression result. Expected a list of strings, but received {received}")  # noqa: TRY004 - one kind of refusal
    return tuple(options_of(found))


def _lookup(given: Mapping[str, object], name: str) -> tuple[bool, object]:
    if name in given:
        return True, given[name]
    current: object = given
    for part in name.split("."):
        if not isinstance(current, Mapping) or part not in current:
            return False, None
        current = current[part]
    return True, current


def _put(values: dict[str, object], name: str, value: object) -> None:
    *outer, last = name.split(".")
    current = values
    for part in outer:
        inner = current.setdefault(part, {})
        if not isinstance(inner, dict):
            return
        current = inner
    current[last] = value


def _unknown(given: Mapping[str, object], declared: Mapping[str, Input], prefix: str = "") -> Iterable[str]:
    for key, value in given.items():
        name = prefix + key
        if name in declared:
            continue
        if isinstance(value, Mapping) and any(each.startswith(name + ".") for each in declared):
            yield from _unknown(value, declared, name + ".")
        else:
            yield name
