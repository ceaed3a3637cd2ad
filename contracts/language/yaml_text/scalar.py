"""YAML 1.2's core types. Texts such as ``on``, ``01``, ``2024-01-01`` or ``1e3`` stay texts. Numbers keep every digit."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import TypeAlias

from contracts.json_text import MOST_DIGITS, number

Scalar: TypeAlias = str | int | float | Decimal | bool | None
"""A Decimal is a number that a double cannot hold."""

TAG = "tag:yaml.org,2002:"
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*(?:_[0-9]+)*)")
_FLOAT = re.compile(r"[-+]?(?:[0-9]+(?:_[0-9]+)*\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,5})?")
_TAGGED: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (int, float, Decimal),
    "bool": (bool,),
    "null": (type(None),),
}
_STARTS_NUMBER = frozenset("+-.0123456789")


def tagged_scalar(text: str, tag: str) -> Scalar:
    """Read a scalar as the type that the author names. Raise ValueError if it does not fit."""
    name = tag.removeprefix(TAG)
    accepted = _TAGGED.get(name)
    if accepted is None:
        raise ValueError(f"tag `{tag}` is not supported")
    value = plain_scalar(text)
    if not isinstance(value, accepted):
        raise ValueError(f"`{text}` is not of type {name}")  # noqa: TRY004 - one kind of refusal
    return float(value) if name == "float" and isinstance(value, int) else value


def plain_scalar(text: str) -> Scalar:
    if text in _NULLS:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if text[0] in _STARTS_NUMBER and len(text) <= MOST_DIGITS:
        if _INTEGER.fullmatch(text):
            return int(text)
        if _FLOAT.fullmatch(text):
            value = number(text.replace("_", ""))
            return value if math.isfinite(value) else text
    return text
