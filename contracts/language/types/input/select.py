"""``SELECT``: one of several options."""

from __future__ import annotations

from pydantic import Field, model_validator

from contracts.language.types.declaration import InputType
from contracts.language.types.input.choice import Choice, one_source
from contracts.language.types.input.common import Input
from contracts.language.types.input.value import text_of


class SelectInput(Input):
    """The text of one of the options."""

    values: tuple[object, ...] | None = Field(
        None, description="the options: texts, numbers, or maps of `label` and `value`"
    )
    expression: str | None = Field(
        None, description="an expression that gives the options as a list, instead of `values`"
    )
    allow_custom_value: bool = Field(False, description="another value than the options is accepted")
    is_radio: bool = Field(False, description="for user interfaces: show all options at once")
    auto_select_first: bool = Field(False, description="the first option is the default")

    @model_validator(mode="after")
    def _one_source(self) -> SelectInput:
        one_source(self.values, self.expression)
        return self


def choice(declared: SelectInput) -> Choice:
    return Choice(
        written=declared.values or (),
        expression=declared.expression,
        custom=declared.allow_custom_value,
        first=declared.auto_select_first,
    )


SELECT = InputType(
    name="SELECT",
    title="One of several options",
    properties=SelectInput,
    examples=("{id: stage, type: SELECT, values: [test, live], autoSelectFirst: true}",),
    parse=text_of,
    choice=choice,
)
