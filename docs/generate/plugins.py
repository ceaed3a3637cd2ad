"""Which types of Kestra's catalogue are here, and how they are tested. The names are data; the rest comes from the code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from contracts.language.flow.catalog import TASK_KINDS
from contracts.language.flow.type_meant import nearest_here
from docs.generate.table import Pages, code, page, table
from docs.generate.types import catalog, link
from toccata.plugins.families.ai.provider import KINDS
from toccata.plugins.host.entry import Entry

DATA = Path(__file__).parents[1] / "data"
PREFIX = "io.kestra.plugin."
INTRODUCTION = """
Each type of Kestra's catalogue, by plugin: whether it is here, and how it is tested. A flow with a type that is not here cannot be saved; the refusal names the nearest type
that is. Names are without `io.kestra.plugin.`. Older names of types that are here are accepted, too.
"""
NOT_HERE = "*not here*"
COMPONENTS = {f"ai.provider.{each}": "ai" for each in KINDS} | {"ai.embeddings.KestraKVStore": "ai"}
"""Parts of tasks that have a type, with their family. They are no types of the catalog."""


@dataclass(frozen=True, slots=True)
class Listed:
    name: str
    kind: str


@cache
def listed() -> tuple[Listed, ...]:
    lines = (DATA / "kestra-types.txt").read_text(encoding="utf-8").splitlines()
    return tuple(Listed(*line.split(" ", 1)) for line in lines)


def pages() -> Pages:
    found = {each.name: each for each in catalog()} | {
        alias: each for each in catalog() for alias in each.aliases
    }
    groups: dict[str, list[Listed]] = {}
    for each in listed():
        groups.setdefault(each.name.partition(".")[0], []).append(each)
    tests = yaml.safe_load((DATA / "plugin-tests.yaml").read_text(encoding="utf-8"))
    here = [each for each in listed() if PREFIX + each.name in found or each.name in COMPONENTS]
    head = f"{len(here)} of {len(listed())} types are here."
    sections = [_group(name, some, found, tests) for name, some in sorted(groups.items())]
    return {"reference/plugins/index.md": page("Plugins", INTRODUCTION, head, *sections)}


def _group(name: str, some: list[Listed], found: Mapping[str, Entry], tests: Mapping[str, str]) -> str:
    rows = []
    for each in some:
        entry = found.get(PREFIX + each.name)
        if entry is not None:
            here = f"[here]({link(entry.name, '../')})"
            rows.append((code(each.name), each.kind, here, _tested(entry, tests)))
        elif each.name in COMPONENTS:
            rows.append((code(each.name), each.kind, "here", tests[COMPONENTS[each.name]]))
        else:
            near = nearest_here(PREFIX + each.name, TASK_KINDS, catalog()) if each.kind == "task" else ""
            rows.append((code(each.name), each.kind, NOT_HERE, f"nearest: {code(near)}" if near else ""))
    return f"## {name} {{#plugin-{name}}}\n\n{table(('type', 'kind', 'here', 'tested'), rows)}"


def _tested(entry: Entry, tests: Mapping[str, str]) -> str:
    parts = entry.module.split(".")
    family = parts[3] if parts[:3] == ["toccata", "plugins", "families"] else "engine"
    return str(tests.get(family) or f"by tests/unit/toccata/plugins/families/{family}")
