"""``YAML``: any value, given as YAML."""

from __future__ import annotations

from pydantic import Field

from contracts.language.types.declaration import InputType
from contracts.language.types.input.common import Input
from contracts.language.yaml_text.document import FlowSyntaxError, load_document


class YamlInput(Input):
    """A text is read as YAML. Everything else is taken as the value that it is."""

    json_schema: object = Field(None, description="accepted, not checked")


def parse(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return load_document(value).value
    except FlowSyntaxError as error:
        raise ValueError(f"invalid YAML: {error}") from None


YAML = InputType(
    name="YAML",
    title="Value as YAML",
    properties=YamlInput,
    examples=("id: settings\ntype: YAML\ndefaults: |\n  level: INFO\n  colours: [red, green]",),
    parse=parse,
)
