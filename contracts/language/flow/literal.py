"""Checks values of inputs that stand in a flow: defaults, and the inputs of triggers. An expression is checked when it has a
value; everything else can be checked when the flow is saved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from contracts.language.expression.presence import has_expression
from contracts.language.flow.input_parts import fitted
from contracts.language.flow.input_value import typed
from contracts.language.flow.model import Flow
from contracts.language.flow.violation import Path
from contracts.language.nearest import Guesses
from contracts.language.types.index import INPUTS
from contracts.language.types.input.choice import not_offered, options_of
from contracts.language.types.input.common import Input, ListInput

Found = Iterator[tuple[Path, str, str]]
"""Path, message and suggestion."""


def wrong_defaults(flow: Flow) -> Found:
    for index, each in enumerate(flow.inputs):
        for cause in causes_of(each, each.defaults):
            yield ("inputs", index, "defaults"), f"Invalid value for input `{each.id}`. Cause: {cause}", ""


def wrong_trigger_inputs(flow: Flow, guesses: Guesses) -> Found:
    declared = {each.id: each for each in flow.inputs}
    if not declared:
        return
    for index, trigger in enumerate(flow.triggers):
        path = ("triggers", index, "inputs")
        for name, value in _named(trigger.inputs, declared):
            known = declared.get(name)
            if known is None:
                message = f"Trigger '{trigger.id}' gives an input `{name}` that the flow does not declare"
                yield (*path, name), message, guesses.did_you_mean(name, declared)
                continue
            for cause in causes_of(known, value):
                yield (*path, name), f"Invalid value for input `{name}`. Cause: {cause}", ""


def causes_of(declared: Input, value: object) -> list[str]:
    """Return why a written value does not fit. Empty if it fits, if there is none, or if only its expressions decide."""
    if value is None or _is_rendered(value):
        return []
    known = INPUTS[declared.type]
    try:
        read = typed(declared.type, value, declared.item_type if isinstance(declared, ListInput) else None)
    except ValueError as error:
        return [str(error)]
    read, causes = fitted(declared, read)
    choice = known.choice(declared) if known.choice is not None else None
    if choice is not None and choice.expression is None and declared.required and not choice.custom:
        causes = [*causes, *not_offered(read, options_of(choice.written))]
    return causes


def _is_rendered(value: object) -> bool:
    if isinstance(value, str):
        return has_expression(value)
    if isinstance(value, Mapping):
        return any(_is_rendered(key) or _is_rendered(each) for key, each in value.items())
    return isinstance(value, (list, tuple)) and any(_is_rendered(each) for each in value)


def _named(
    given: Mapping[str, object], declared: Mapping[str, Input], prefix: str = ""
) -> Iterator[tuple[str, object]]:
    """Yield the values by dotted id; maps are levels of it."""
    for key, value in given.items():
        name = prefix + key
        if (
            isinstance(value, Mapping)
            and name not in declared
            and any(each.startswith(name + ".") for each in declared)
        ):
            yield from _named(value, declared, name + ".")
        else:
            yield name, value
