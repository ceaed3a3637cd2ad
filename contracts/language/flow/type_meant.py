"""Hints for the author of an unknown type: the nearest known types, or that Kestra has it and Toccata does not."""

from __future__ import annotations

from collections.abc import Iterable

from contracts.language.flow.catalog import CORE_TYPES, Catalog, TypeKind, modern_name, resolve_type
from contracts.language.flow.kestra_type import is_core_type, plugin_of
from contracts.language.nearest import nearest

_MOST = 3


def type_meant(name: str, kinds: frozenset[TypeKind], catalog: Catalog | None) -> str:
    """Return whole sentences, or empty text if there is no hint."""
    info = resolve_type(name, catalog)
    if info is not None:
        return f"It is a type of the kind `{info.kind}`, which cannot stand here."
    modern = modern_name(name)
    if is_core_type(modern):
        return _lacking("Kestra has this type, but Toccata does not have it yet.", modern, kinds, catalog)
    known = [*CORE_TYPES, *(catalog.names() if catalog is not None else ())]
    plugin, package = plugin_of(modern), modern.rpartition(".")[0]
    if plugin is not None and not any(each.startswith(package + ".") for each in known):
        said = f"It belongs to Kestra's plugin `{plugin}`. Toccata does not have this part of it yet."
        return _lacking(said, modern, kinds, catalog)
    found = _alike(modern, _fitting(kinds, catalog))
    if not found:
        return ""
    if len(found) == 1:
        return f"Did you mean `{found[0]}`?"
    return f"Did you mean {', '.join(f'`{each}`' for each in found[:-1])} or `{found[-1]}`?"


def nearest_here(name: str, kinds: frozenset[TypeKind], catalog: Catalog | None) -> str:
    """Return the type that is most like one that is missing: of its package, or of the same class name. Empty if none is."""
    modern = modern_name(name)
    fitting = _fitting(kinds, catalog)
    package = modern.rpartition(".")[0]
    beside = [each for each in fitting if each.rpartition(".")[0] == package]
    same = [each for each in fitting if _class_of(each) == _class_of(modern)]
    found = nearest(modern, same, 1) or same[:1] or nearest(modern, beside, 1)
    return found[0] if found else ""


def _lacking(said: str, name: str, kinds: frozenset[TypeKind], catalog: Catalog | None) -> str:
    near = nearest_here(name, kinds, catalog)
    return f"{said} The nearest here is `{near}`." if near else said


def _fitting(kinds: frozenset[TypeKind], catalog: Catalog | None) -> list[str]:
    known = [*CORE_TYPES, *(catalog.names() if catalog is not None else ())]
    return [each for each in dict.fromkeys(known) if _fits(each, kinds, catalog)]


def _fits(name: str, kinds: frozenset[TypeKind], catalog: Catalog | None) -> bool:
    """Whether the name can be suggested. Old names are not."""
    info = resolve_type(name, catalog)
    return info is not None and info.kind in kinds and info.name == name


def _alike(name: str, known: Iterable[str]) -> list[str]:
    """Return types with the same class name first, then similar class names, then similar full names."""
    by_class: dict[str, list[str]] = {}
    for each in known:
        by_class.setdefault(_class_of(each).lower(), []).append(each)
    same = by_class.get(_class_of(name).lower())
    if same:
        return nearest(name, same, _MOST) or same[:_MOST]
    candidates = [each for found in nearest(_class_of(name), by_class, _MOST) for each in by_class[found]]
    package = name.rpartition(".")[0]
    candidates = [each for each in candidates if each.rpartition(".")[0] == package] or candidates
    return (nearest(name, candidates, _MOST) or candidates[:_MOST]) if candidates else []


def _class_of(name: str) -> str:
    return name.rpartition(".")[2]
