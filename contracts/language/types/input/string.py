"""``STRING``: a text, which may have to match a pattern."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.pattern import compile_regex, fits
from contracts.language.types.declaration import InputType
from contracts.language.types.input.common import Input
from contracts.language.types.input.value import text_of


def _regex(text: str) -> str:
    try:
        compile_regex(text)
    except ExpressionError as error:
        raise ValueError(str(error)) from None
    return text


class StringInput(Input):
    """Numbers and booleans become text, and lists and maps become JSON."""

    validator: Annotated[str, AfterValidator(_regex)] | None = Field(
        None, description="a regular expression that all of the text must match"
    )


def check_pattern(pattern: str | None, value: str) -> list[str]:
    try:
        if pattern is None or fits(pattern, value):
            return []
    except ExpressionError as error:
        return [f"the pattern `{pattern}` could not be tried: {error}"]
    return [f"it must match the pattern `{pattern}`"]


def check(declared: StringInput, value: str) -> list[str]:
    return check_pattern(declared.validator, value)


STRING = InputType(
    name="STRING",
    title="Text",
    properties=StringInput,
    examples=("{id: branch, type: STRING, validator: '[a-z/-]+', defaults: main}",),
    parse=text_of,
    check=check,
)
