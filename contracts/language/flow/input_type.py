"""The types of inputs and flow outputs. Each has a declaration, a way to turn a raw value into a typed one, and checks of the
result. Nothing here knows where values come from."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TypeAlias

import orjson
import yaml

from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.pattern import fits
from contracts.language.flow.input_declaration import (
    ArrayInput,
    BoolInput,
    DateInput,
    DateTimeInput,
    DurationInput,
    EnumInput,
    FileInput,
    FloatInput,
    IntInput,
    JsonInput,
    MultiSelectInput,
    SelectInput,
    StringInput,
    TimeInput,
)
from contracts.language.flow.model import Input
from contracts.language.types.duration import format_duration, parse_duration
from contracts.language.yaml_text.document import FlowSyntaxError, load_document

Typed: TypeAlias = object
Parse: TypeAlias = "Callable[[Input, object], Typed]"
Check: TypeAlias = "Callable[[Input, Typed], list[str]]"


def _text(value: object) -> str:
    """Print as Java does: booleans in lower case, maps and lists as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list, tuple)):
        return orjson.dumps(value).decode()
    return str(value)


def parse_string(_: Input, value: object) -> str:
    return _text(value)


def parse_int(_: Input, value: object) -> int:
    text = _text(value)
    if not re.fullmatch(r"[-+]?[0-9]{1,10}", text) or not -(2**31) <= int(text) < 2**31:
        raise ValueError(f'For input string: "{text}"')
    return int(text)


def parse_float(_: Input, value: object) -> float:
    text = _text(value).strip()
    if not re.fullmatch(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?", text):
        raise ValueError(f'For input string: "{text}"')
    number = float(text)
    if abs(number) > 3.4028235e38:
        raise ValueError(f'For input string: "{text}"')
    return number


def parse_bool(_: Input, value: object) -> bool:
    return _text(value).lower() == "true"


def parse_json(_: Input, value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"invalid JSON: {error}") from None


def parse_yaml(_: Input, value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return load_document(value).value
    except (FlowSyntaxError, yaml.YAMLError) as error:
        raise ValueError(f"invalid YAML: {error}") from None


def parse_array(declared: Input, value: object) -> list[Typed]:
    if isinstance(value, str):
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError as error:
            raise ValueError(f"invalid JSON array: {error}") from None
    if not isinstance(value, (list, tuple)):
        raise ValueError(f"expected a list or the text of a JSON array, but received `{_text(value)}`")  # noqa: TRY004 - one kind of refusal
    assert isinstance(declared, ArrayInput)
    parse = INPUT_TYPES[declared.item_type].parse
    elements = []
    for element in value:
        try:
            elements.append(parse(declared, element))
        except ValueError:
            problem = f"Unable to parse array element as `{declared.item_type}` on `{_text(element)}`"
            raise ValueError(problem) from None
    return elements


def parse_multi_select(_: Input, value: object) -> list[str]:
    parsed = parse_json(_, value) if isinstance(value, str) else value
    if not isinstance(parsed, (list, tuple)):
        raise ValueError(f"expected a list or the text of a JSON array, but received `{_text(value)}`")  # noqa: TRY004 - one kind of refusal
    return [_text(each) for each in parsed]


def parse_date(_: Input, value: object) -> str:
    return _date(_text(value)).isoformat()


def parse_datetime(_: Input, value: object) -> str:
    return _instant(_text(value)).isoformat().replace("+00:00", "Z")


def parse_time(_: Input, value: object) -> str:
    return _time(_text(value)).isoformat()


def parse_duration_text(_: Input, value: object) -> str:
    return format_duration(parse_duration(_text(value)))


def parse_uri(_: Input, value: object) -> str:
    text = _text(value)
    if not re.fullmatch(r"[a-zA-Z][a-zA-Z0-9+.-]*:\S+", text):
        raise ValueError("Invalid URI format.")
    return text


def parse_email(_: Input, value: object) -> str:
    text = _text(value)
    if len(text) > 320 or not re.fullmatch(r"[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+", text):
        raise ValueError(f"The input must be a valid email, but received `{text}`")
    return text


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"Text '{text}' could not be parsed, use yyyy-MM-dd") from None


def _instant(text: str) -> datetime:
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        value = None
    if value is None or value.tzinfo is None:
        raise ValueError(f"Text '{text}' could not be parsed, use an instant such as 2024-05-01T10:00:00Z")
    return value


def _time(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise ValueError(f"Text '{text}' could not be parsed, use HH:mm[:ss]") from None


def _no_check(_: Input, __: Typed) -> list[str]:
    return []


def check_string(declared: Input, value: Typed) -> list[str]:
    assert isinstance(declared, StringInput)
    assert isinstance(value, str)
    try:
        if declared.validator is None or fits(declared.validator, value):
            return []
    except ExpressionError as error:
        return [f"the pattern `{declared.validator}` could not be tried: {error}"]
    return [f"it must match the pattern `{declared.validator}`"]


def check_number(declared: Input, value: Typed) -> list[str]:
    assert isinstance(declared, (IntInput, FloatInput))
    assert isinstance(value, (int, float))
    causes = []
    if declared.min is not None and value < declared.min:
        causes.append(f"it must be more than `{declared.min}`")
    if declared.max is not None and value > declared.max:
        causes.append(f"it must be less than `{declared.max}`")
    return causes


def check_duration(declared: Input, value: Typed) -> list[str]:
    assert isinstance(declared, DurationInput)
    length = parse_duration(str(value))
    causes = []
    if declared.min is not None and length < declared.min:
        causes.append(f"It must be more than `{format_duration(declared.min)}`")
    if declared.max is not None and length > declared.max:
        causes.append(f"It must be less than `{format_duration(declared.max)}`")
    return causes


def check_moment(declared: Input, value: Typed) -> list[str]:
    """Check dates, times and instants against ``after`` and ``before``, both inclusive."""
    text = str(value)
    early = late = False
    if isinstance(declared, DateInput):
        day = _date(text)
        early = declared.after is not None and day < declared.after
        late = declared.before is not None and day > declared.before
    elif isinstance(declared, DateTimeInput):
        at = _instant(text)
        early = declared.after is not None and at < declared.after
        late = declared.before is not None and at > declared.before
    elif isinstance(declared, TimeInput):
        of_day = _time(text)
        early = declared.after is not None and of_day < declared.after
        late = declared.before is not None and of_day > declared.before
    else:
        return []
    causes = [f"it must be after `{declared.after}`"] if early else []
    return [*causes, f"it must be before `{declared.before}`"] if late else causes


def options_of(values: Sequence[object] | None) -> list[str]:
    """Return the values of options, which are scalars or ``{label, value}``."""
    return [_text(each.get("value")) if isinstance(each, Mapping) else _text(each) for each in values or ()]


@dataclass(frozen=True, slots=True)
class InputType:
    model: type[Input]
    parse: Parse
    check: Check = _no_check
    deprecated_by: str | None = None


INPUT_TYPES: Mapping[str, InputType] = {
    "STRING": InputType(StringInput, parse_string, check_string),
    "INT": InputType(IntInput, parse_int, check_number),
    "FLOAT": InputType(FloatInput, parse_float, check_number),
    "BOOL": InputType(BoolInput, parse_bool),
    "BOOLEAN": InputType(BoolInput, parse_bool, deprecated_by="BOOL"),
    "SELECT": InputType(SelectInput, parse_string),
    "MULTISELECT": InputType(MultiSelectInput, parse_multi_select),
    "ENUM": InputType(EnumInput, parse_string, deprecated_by="SELECT"),
    "JSON": InputType(JsonInput, parse_json),
    "YAML": InputType(JsonInput, parse_yaml),
    "ARRAY": InputType(ArrayInput, parse_array),
    "DATE": InputType(DateInput, parse_date, check_moment),
    "DATETIME": InputType(DateTimeInput, parse_datetime, check_moment),
    "TIME": InputType(TimeInput, parse_time, check_moment),
    "DURATION": InputType(DurationInput, parse_duration_text, check_duration),
    "FILE": InputType(FileInput, parse_uri),
    "URI": InputType(Input, parse_uri),
    "EMAIL": InputType(Input, parse_email),
}
