"""What each type of input may declare. ``input_type`` reads and checks the values."""

from __future__ import annotations

from datetime import date, time
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime

from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.pattern import compile_regex
from contracts.language.flow.model import Input
from contracts.language.types.property import Duration


def _regex(text: str) -> str:
    try:
        compile_regex(text)
    except ExpressionError as error:
        raise ValueError(str(error)) from None
    return text


class StringInput(Input):
    validator: Annotated[str, AfterValidator(_regex)] | None = None


class IntInput(Input):
    min: int | None = None
    max: int | None = None


class FloatInput(Input):
    min: float | None = None
    max: float | None = None


class BoolInput(Input):
    pass


class JsonInput(Input):
    json_schema: object = None


class ArrayInput(Input):
    item_type: str


class SelectInput(Input):
    values: tuple[object, ...] | None = None
    expression: str | None = None
    allow_custom_value: bool = False
    is_radio: bool = False
    auto_select_first: bool = False


class MultiSelectInput(Input):
    values: tuple[object, ...] | None = None
    options: tuple[object, ...] | None = None
    expression: str | None = None
    item_type: str = "STRING"
    allow_custom_value: bool = False
    auto_select_first: bool = False


class EnumInput(Input):
    values: tuple[str, ...]


class FileInput(Input):
    extension: str | None = None
    allowed_file_extensions: tuple[str, ...] = ()
    accept: tuple[str, ...] = ()


class DateInput(Input):
    after: date | None = None
    before: date | None = None


class DateTimeInput(Input):
    after: AwareDatetime | None = None
    before: AwareDatetime | None = None


class TimeInput(Input):
    after: time | None = None
    before: time | None = None


class DurationInput(Input):
    min: Duration | None = None
    max: Duration | None = None
