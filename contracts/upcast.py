"""Converts older message shapes to the present one. Each upcaster is a pure function for one step, found by the type name it reads.

A changed shape gets a new version in its type name. The old name stays here until no topic and no snapshot can hold it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

UPCASTERS: Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]] = {}
