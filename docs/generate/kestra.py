"""Compares Kestra with Toccata. Kestra's names are data; our own code says which of them exist here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from contracts.language.expression.check import CHECKS
from contracts.language.expression.filters import FILTERS
from contracts.language.expression.functions import FUNCTIONS
from contracts.language.expression.impure import WORKER_FUNCTIONS
from contracts.language.flow.condition import PACKAGE
from contracts.language.flow.reader import FLOW_KEYS, TASK_KEYS, TRIGGER_KEYS
from contracts.language.flow.schema import keys_of
from contracts.language.flow.trigger_condition import CONDITIONS
from contracts.language.flow.warning import NOT_CARRIED_OUT
from contracts.language.types.index import INPUTS
from contracts.language.types.input.common import Input
from docs.generate.table import Pages, code, page, table
from docs.generate.types import catalog, link

DATA = Path(__file__).parents[1] / "data"
PREFIX = "io.kestra.plugin."
INTRODUCTION = """
Toccata runs flows that were written for Kestra if it has their types, functions and properties. This page compares the two name by name, up to Kestra 2.0.
*here* means that it works as in Kestra, except for the differences beside it. *not here* means that a flow that uses it cannot be saved, or fails where the page says so.
*no effect* means that it is read and checked, but does nothing. A warning says so.
"""
TITLES = {
    "functions": "Functions",
    "filters": "Filters",
    "tests": "Tests",
    "inputs": "Types of inputs and outputs",
    "flow": "Properties of flows",
    "task": "Properties of all tasks",
    "trigger": "Properties of all triggers",
    "input": "Properties of inputs",
}
OURS = """
## What is only here {#only-here}

The trigger [`io.toccata.plugin.core.trigger.Event`](../language/triggers.md#event) starts flows for CloudEvents on a topic. Everything that happens is
an event on a [topic](topics.md).
"""


@cache
def names() -> dict[str, Any]:
    text = (DATA / "kestra-names.yaml").read_text(encoding="utf-8")
    return dict(yaml.load(text, Loader=yaml.CSafeLoader))


def differences() -> dict[str, dict[str, str]]:
    """Sentences by kind and name: how something differs, or why it is missing."""
    return dict(yaml.safe_load((DATA / "kestra-differences.yaml").read_text(encoding="utf-8")))


def statuses() -> dict[str, dict[str, str]]:
    """The status (here, not here, no effect) by kind and name."""
    known, ours = names(), {plugin.name for plugin in catalog()} | {PACKAGE + name for name in CONDITIONS}
    keys = known["properties"]
    idle = set(NOT_CARRIED_OUT.values())
    refused = {"quotas"}
    inputs = {"name"}.union(*(keys_of(each.properties) for each in INPUTS.values()), keys_of(Input))
    return {
        "types": {name: _here(name in ours) for name in type_names(known["types"])},
        "functions": {
            name: _here(name in FUNCTIONS or name in WORKER_FUNCTIONS) for name in known["functions"]
        },
        "filters": {name: _here(name in FILTERS) for name in known["filters"]},
        "tests": {name: _here(name in CHECKS) for name in known["tests"]},
        "inputs": {name: _here(name in INPUTS) for name in known["inputs"]},
        "flow": _of_keys(keys["flow"], FLOW_KEYS | {"taskDefaults"}, idle, refused),
        "task": _of_keys(keys["task"], TASK_KEYS, idle, refused),
        "trigger": _of_keys(keys["trigger"], TRIGGER_KEYS, idle, refused),
        "input": _of_keys(keys["input"], inputs, idle, refused),
    }


def type_names(packages: Mapping[str, Iterable[str]]) -> list[str]:
    return [f"{PREFIX}{package}.{name}" for package, found in packages.items() for name in found]


def pages() -> Pages:
    found, said = statuses(), differences()
    parts = [
        _summary(found),
        "## How it differs {#general}",
        _bullets(said["general"]),
        "## Types {#types}",
        "Types are written without `io.kestra.plugin.`. A package of which nothing is here has one line.",
        _types_table(names()["types"], found["types"], said["types"]),
    ]
    for kind, title in TITLES.items():
        parts += [f"## {title} {{#{kind}}}", _table(found[kind], said.get(kind, {}))]
    return {"reference/coming-from-kestra.md": page("Coming from Kestra", INTRODUCTION, *parts, OURS)}


def _here(is_here: bool) -> str:  # noqa: FBT001 - the answer to a question
    return "here" if is_here else "not here"


def _of_keys(
    wanted: Iterable[str], known: Iterable[str], idle: set[str], refused: set[str]
) -> dict[str, str]:
    here = set(known) - refused
    return {key: "no effect" if key in idle and key in here else _here(key in here) for key in wanted}


def _summary(found: Mapping[str, Mapping[str, str]]) -> str:
    rows = [
        (
            TITLES.get(kind, "Types"),
            *(
                str(sum(state == wanted for state in states.values()))
                for wanted in ("here", "no effect", "not here")
            ),
        )
        for kind, states in found.items()
    ]
    return table(("", "here", "no effect", "not here"), rows)


def _bullets(sentences: Mapping[str, str]) -> str:
    return "\n".join(f"- **{title}.** {text}" for title, text in sentences.items())


def _table(states: Mapping[str, str], said: Mapping[str, str]) -> str:
    rows = [(code(name), state, said.get(name, "")) for name, state in states.items()]
    return table(("name", "", "differs how"), rows)


def _types_table(
    packages: Mapping[str, Iterable[str]], states: Mapping[str, str], said: Mapping[str, str]
) -> str:
    """First the types that are here, then those with a remark, then the rest by package."""
    here, told, rest = [], [], []
    for package, found in packages.items():
        others = []
        for name in found:
            short, full = f"{package}.{name}", f"{PREFIX}{package}.{name}"
            if states[full] == "here":
                # Conditions have no pages of their own.
                target = "../language/triggers.md#conditions" if full.startswith(PACKAGE) else link(full)
                here.append((f"[`{short}`]({target})", "here", said.get(short, "")))
            elif short in said:
                told.append((code(short), "not here", said[short]))
            else:
                others.append(code(name))
        if others:
            rest.append((f"{code(package)}: {', '.join(others)}", "not here", ""))
    return table(("type", "", "differs how"), [*here, *told, *rest])
