"""``OBJECT``: a map with a value for every declared property."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from contracts.language.types.declaration import InputType
from contracts.language.types.input.common import Input, Parted
from contracts.language.types.input.value import json_of, text_of


class ObjectInput(Parted):
    """A map of values by property, or its JSON. Properties are declared as inputs of scalar types are."""

    properties: tuple[Any, ...] = Field(
        min_length=1, description="the properties: inputs of scalar types or SELECT"
    )


def parse(value: object) -> dict[str, object]:
    read = json_of(value)
    if not isinstance(read, Mapping):
        raise ValueError(f"expected a map, but received `{text_of(read)}`")  # noqa: TRY004 - one kind of refusal
    return dict(read)


def parts(declared: ObjectInput) -> tuple[Input, ...]:
    return declared.properties


OBJECT = InputType(
    name="OBJECT",
    title="Map of values",
    properties=ObjectInput,
    examples=(
        """id: server
type: OBJECT
properties:
  - {id: host, type: STRING}
  - {id: port, type: INT, max: 65535}
defaults: {host: localhost, port: 8080}""",
    ),
    parse=parse,
    parts=("properties", parts),
)
