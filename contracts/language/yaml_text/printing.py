"""Prints a value as the source of a flow. What ``document`` reads of it is the same value again."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import yaml

from contracts.json_text import decimal_text
from contracts.language.yaml_text.scalar import TAG, plain_scalar

_WIDTH = 10_000
"""A line is not folded."""


class _Printer(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the library's signature
        return True

    def analyze_scalar(self, scalar: str) -> Any:
        """Lines that end with spaces stand in a block, too."""
        analysis = super().analyze_scalar(scalar)
        analysis.allow_block = analysis.allow_block or _is_block(scalar)
        return analysis


def source_of(value: Any) -> str:
    """Return YAML of a JSON-like value. Texts of several lines are written as such."""
    text: str = yaml.dump(value, Dumper=_Printer, sort_keys=False, allow_unicode=True, width=_WIDTH)
    return text


def _is_block(text: str) -> bool:
    return "\n" in text and text[-1] != " " and text.replace("\n", "").isprintable()


def _text(printer: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if _is_block(text) else "'" if plain_scalar(text) is not text else None
    return printer.represent_scalar(TAG + "str", text, style=style)


def _decimal(printer: yaml.SafeDumper, value: Decimal) -> yaml.ScalarNode:
    return printer.represent_scalar(TAG + "float", decimal_text(value))


_Printer.add_representer(str, _text)
_Printer.add_representer(Decimal, _decimal)
