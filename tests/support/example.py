"""The examples of declarations, run as they stand, but for the hosts that they name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from toccata.plugin import Declaration
from toccata.testing import problems


def example(declared: Declaration, number: int = 0, hosts: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The properties of an example, which a flow may have, with texts such as ``https://api.example.com`` replaced."""
    text = declared.examples[number]
    for name, instead in (hosts or {}).items():
        assert name in text
        text = text.replace(name, instead)
    written: dict[str, Any] = yaml.safe_load(text)
    assert written.pop("type") == declared.name
    assert written.pop("id")
    assert problems(declared, written) == []
    return written
