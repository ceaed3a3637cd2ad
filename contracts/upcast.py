"""Older message shapes to the present one: pure functions, one step each, by the type name that they read.

A changed shape gets a new version in its type name; its old name stays here until no topic can hold it any more
(retention, and snapshots that were written since)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

UPCASTERS: Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]] = {}
