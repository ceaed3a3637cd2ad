"""The types of inputs, from their declarations."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic_core import PydanticUndefined

from contracts.language.types.declaration import InputType
from contracts.language.types.index import INPUTS
from contracts.language.types.input.common import Input
from docs.generate.table import Pages, block, cell, code, page, sentence, table

INTRODUCTION = """
What an input may be, and an output of a flow. All inputs also accept the [common properties](../language/inputs.md#properties).
[Inputs](../language/inputs.md) says where their values come from.
"""


def pages() -> Pages:
    text = page(
        "Input types",
        INTRODUCTION,
        _overview(each for each in INPUTS.values() if each.deprecated_by is None),
        *[_section(each) for each in INPUTS.values()],
    )
    return {"reference/inputs.md": text}


def anchor(type_name: str) -> str:
    return f"type-{type_name.lower()}"


def own_keys(declared: InputType) -> dict[str, tuple[str, str]]:
    """Default and meaning of what the type adds to the keys of every input."""
    return {
        info.alias or name: (_default(info.default), info.description or "")
        for name, info in declared.properties.model_fields.items()
        if name not in Input.model_fields
    }


def _overview(types: Iterable[InputType]) -> str:
    rows = [
        (f"[{code(each.name)}](#{anchor(each.name)})", each.title, ", ".join(map(code, own_keys(each))))
        for each in types
    ]
    return table(("type", "value", "own properties"), rows)


def _section(declared: InputType) -> str:
    keys = [(code(key), default, sentence(doc)) for key, (default, doc) in own_keys(declared).items()]
    new = declared.deprecated_by
    parts = [
        f"## {declared.name} {{#{anchor(declared.name)}}}",
        f"Deprecated: use [{code(new)}](#{anchor(new)}) instead." if new else "",
        f"{cell(declared.title)}. {declared.description}",
        table(("property", "default", "meaning"), keys) if keys else "",
        *[block("yaml", f"inputs:\n{_item(each)}") for each in declared.examples],
    ]
    return "\n\n".join(part for part in parts if part)


def _item(example: str) -> str:
    first, *more = example.splitlines()
    return "\n".join([f"  - {first}", *[f"    {line}" for line in more]])


def _default(value: object) -> str:
    if value is PydanticUndefined:
        return "required"
    if value is None or value == ():
        return ""
    return code(str(value).lower() if isinstance(value, bool) else value)
