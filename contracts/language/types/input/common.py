"""The keys of every input, and of those whose value is a list."""

from __future__ import annotations

from pydantic import Field, model_validator

from contracts.language.types.name import DisplayName, DottedId
from contracts.language.types.property import Properties


class DependsOn(Properties):
    inputs: tuple[str, ...] = ()
    condition: str | None = None


class Input(Properties):
    """Common to all inputs. Each type adds its own keys."""

    id: DottedId
    type: str
    description: str | None = None
    display_name: DisplayName | None = None
    required: bool = True
    defaults: object = None
    prefill: object = None
    depends_on: DependsOn | None = None

    @model_validator(mode="after")
    def _default_of_required(self) -> Input:
        if not self.required and self.defaults is not None:
            raise ValueError("`required: false` and `defaults` contradict each other: use `prefill`")
        return self


class Parted(Input):
    """An input whose value has parts, which are declared as inputs are."""


class ListInput(Input):
    """An input whose value is a list. The type of its items must be no list."""

    item_type: str = Field(description="the type of the items")
