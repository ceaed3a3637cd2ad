"""``JSON``: any value, given as JSON."""

from __future__ import annotations

from pydantic import Field

from contracts.language.types.declaration import InputType
from contracts.language.types.input.common import Input
from contracts.language.types.input.value import json_of


class JsonInput(Input):
    """A text is read as JSON. Everything else is taken as the value that it is."""

    json_schema: object = Field(None, description="accepted, not checked")


JSON = InputType(
    name="JSON",
    title="Value as JSON",
    properties=JsonInput,
    examples=("""{id: order, type: JSON, defaults: {"id": 7, "items": []}}""",),
    parse=json_of,
)
