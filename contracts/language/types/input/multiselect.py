"""``MULTISELECT``: some of several options."""

from __future__ import annotations

from pydantic import Field, model_validator

from contracts.language.types.declaration import InputType
from contracts.language.types.input.choice import Choice, one_source
from contracts.language.types.input.common import ListInput
from contracts.language.types.input.value import list_of, text_of


class MultiSelectInput(ListInput):
    """A list of options, or the text of a JSON array of them. Each is a text."""

    values: tuple[object, ...] | None = Field(
        None, description="the options: texts, numbers, or maps of `label` and `value`"
    )
    options: tuple[object, ...] | None = Field(None, description="the old name of `values`")
    expression: str | None = Field(
        None, description="an expression that gives the options as a list, instead of `values`"
    )
    item_type: str = Field("STRING", description="accepted and checked; the values stay texts")
    allow_custom_value: bool = Field(False, description="other values than the options are accepted")
    auto_select_first: bool = Field(False, description="the first option is the default")

    @model_validator(mode="after")
    def _one_source(self) -> MultiSelectInput:
        if self.values is not None and self.options is not None:
            raise ValueError("you can't define both `values` and `options`")
        one_source(self.options if self.values is None else self.values, self.expression)
        return self


def parse(value: object) -> list[str]:
    return [text_of(each) for each in list_of(value, "JSON")]


def choice(declared: MultiSelectInput) -> Choice:
    written = declared.options if declared.values is None else declared.values
    return Choice(
        written=written or (),
        expression=declared.expression,
        custom=declared.allow_custom_value,
        first=declared.auto_select_first,
        many=True,
    )


MULTISELECT = InputType(
    name="MULTISELECT",
    title="Some of several options",
    properties=MultiSelectInput,
    examples=("{id: regions, type: MULTISELECT, values: [eu, us, asia], defaults: [eu]}",),
    parse=parse,
    choice=choice,
)
