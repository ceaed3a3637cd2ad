"""Labels as a flow writes them: a map, or a list of pairs."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator

from contracts.language.flow.field import FlowModel


class Label(FlowModel):
    key: str
    value: str


def label_pairs(value: object) -> object:
    """Turn both written forms into a list of pairs. Scalars become text."""
    if isinstance(value, Mapping):
        return [{"key": str(key), "value": _label_text(str(key), each)} for key, each in value.items()]
    if isinstance(value, list):
        return [
            {**each, "value": _label_text(str(each.get("key")), each["value"])}
            if isinstance(each, Mapping) and "value" in each
            else each
            for each in value
        ]
    return value


def _label_text(key: str, value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float, Decimal)) and value != "":
        return str(value)
    raise ValueError(f"label `{key}` needs a text, a number or a boolean that is not empty")


Labels = Annotated[tuple[Label, ...], BeforeValidator(label_pairs)]
