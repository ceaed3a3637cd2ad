"""Merges plugin defaults (docs/language/flows.md#plugin-defaults) into the value of a flow, before it
becomes a model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from contracts.language.flow.catalog import modern_name
from contracts.language.flow.violation import Path
from contracts.language.yaml_text.document import PlainValue

OBJECT_LISTS = ("tasks", "errors", "finally", "afterExecution", "triggers", "listeners")
_IDENTITY = frozenset({"id", "type"})


@dataclass(frozen=True, slots=True)
class Merged:
    value: dict[str, PlainValue]
    added: Mapping[Path, frozenset[str]] = field(default_factory=dict)
    """Keys of the object at a path that come only from defaults. A type that does not know them ignores them."""


@dataclass(frozen=True, slots=True)
class _Entry:
    prefix: str
    values: dict[str, PlainValue]
    forced: bool


def apply_defaults(value: dict[str, PlainValue], canonical: Callable[[str], str] = modern_name) -> Merged:
    """Give every object with a matching ``type`` the flow's defaults. Written values win, except over a forced entry. Of several
    entries the first wins. Maps merge deeply, and lists are concatenated with defaults first."""
    gentle, forced = _entries(value, canonical)
    if not gentle and not forced:
        return Merged(value)
    walk = _Walk(gentle, forced, canonical)
    out = dict(value)
    for key in OBJECT_LISTS:
        if key in out:
            out[key] = walk.visit(out[key], (key,))
    return Merged(out, walk.added)


def _entries(
    value: Mapping[str, PlainValue], canonical: Callable[[str], str]
) -> tuple[list[_Entry], list[_Entry]]:
    gentle: list[_Entry] = []
    forced: list[_Entry] = []
    for key in ("pluginDefaults", "taskDefaults"):
        written = value.get(key)
        for each in written if isinstance(written, list) else ():
            if not isinstance(each, dict):
                continue
            prefix, values = each.get("type"), each.get("values")
            if isinstance(prefix, str) and prefix and isinstance(values, dict):
                own = {name: part for name, part in values.items() if name not in _IDENTITY}
                is_forced = each.get("forced") is True
                (forced if is_forced else gentle).append(_Entry(canonical(prefix), own, is_forced))
    return gentle, forced


@dataclass(slots=True)
class _Walk:
    gentle: list[_Entry]
    forced: list[_Entry]
    canonical: Callable[[str], str]
    added: dict[Path, frozenset[str]] = field(default_factory=dict)

    def visit(self, value: PlainValue, path: Path, spent: tuple[_Entry, ...] = ()) -> PlainValue:
        """``spent``: entries that gave what stands here. An entry with an object of its own type in it would go on for ever."""
        if isinstance(value, list):
            return [self.visit(part, (*path, index), spent) for index, part in enumerate(value)]
        if not isinstance(value, dict):
            return value
        merged, used = self._merged(value, path, spent)
        return {
            key: self.visit(part, (*path, key), (*spent, *(entry for entry in used if key in entry.values)))
            for key, part in merged.items()
        }

    def _merged(
        self, value: dict[str, PlainValue], path: Path, spent: tuple[_Entry, ...]
    ) -> tuple[dict[str, PlainValue], list[_Entry]]:
        written = value.get("type")
        if not isinstance(written, str):
            return value, []
        name = self.canonical(written)
        merged: dict[str, PlainValue] = value
        used: list[_Entry] = []
        for entry in (*self.gentle, *reversed(self.forced)):
            if name.startswith(entry.prefix) and not any(entry is each for each in spent):
                used.append(entry)
                if entry.forced:
                    merged = deep_merge(merged, entry.values)
                else:
                    merged = deep_merge(entry.values, merged)
        if used:
            self.added[path] = frozenset(merged) - frozenset(value)
        return merged, used


def deep_merge(under: Mapping[str, PlainValue], over: Mapping[str, PlainValue]) -> dict[str, PlainValue]:
    out = dict(under)
    for key, value in over.items():
        below = out.get(key)
        if isinstance(below, dict) and isinstance(value, dict):
            out[key] = deep_merge(below, value)
        elif isinstance(below, list) and isinstance(value, list):
            out[key] = [*below, *value]
        else:
            out[key] = value
    return out
