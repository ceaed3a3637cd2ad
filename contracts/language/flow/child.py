"""The child tasks of a flowable as written, for any shape of slot. The task's declaration says which slots it has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from contracts.language.flow.catalog import CORE_TYPES
from contracts.language.flow.findings import Findings
from contracts.language.flow.schema import kind_name, unrecognized
from contracts.language.flow.violation import Path
from contracts.language.types.declaration import Slot, case_list
from contracts.language.types.index import FLOWABLES

_DAG_KEYS = ("task", "dependsOn")


@dataclass(frozen=True, slots=True)
class WrittenChild:
    value: dict[str, object]
    path: Path
    depends_on: tuple[str, ...] = ()


def slots_of(type_name: str) -> Mapping[str, Slot]:
    """Return the slots by name or alias. Empty for a type that is not a flowable."""
    info = CORE_TYPES.get(type_name)
    declared = FLOWABLES.get(info.name) if info is not None else None
    return declared.slots if declared is not None else {}


def made_tasks(task: Mapping[str, object]) -> list[dict[str, object]]:
    """Return the tasks that the engine makes of an unvalidated task, such as those of a ForEachItem. Most have none."""
    info = CORE_TYPES.get(str(task.get("type")))
    declared = FLOWABLES.get(info.name) if info is not None else None
    return declared.parts(str(task.get("id")), task) if declared is not None else []


def child_tasks(task: Mapping[str, object]) -> Iterator[dict[str, object]]:
    """Yield the maps directly below an unvalidated task. Skip anything that does not have its slot's shape."""
    for name, slot in slots_of(str(task.get("type"))).items():
        written = task.get(name) if slot.shape != "inputs" else None
        if slot.shape == "one" and isinstance(written, dict):
            yield written
        lists = written.values() if slot.shape == "cases" and isinstance(written, dict) else (written,)
        for each in lists:
            for child in each if isinstance(each, list) else ():
                inner = child.get("task") if slot.shape == "dag" and isinstance(child, dict) else child
                if isinstance(inner, dict):
                    yield inner


def read_lists(
    slot: Slot, value: object, path: Path, findings: Findings
) -> Iterator[tuple[str, Iterator[WrittenChild]]]:
    """Read each list of the slot by its name, with its children. ``path`` ends with the slot's name."""
    name = str(path[-1])
    if slot.required and (value is None or value in ([], {})):
        findings.refuse(slot.empty, path)
    match slot.shape:
        case "list":
            yield name, _plain(value, path, findings)
        case "dag":
            yield name, _of_dag(value, path, findings)
        case "one":
            if isinstance(value, dict):
                yield name, iter((WrittenChild(value, path),))
            elif value is not None:
                findings.refuse(f"must be a task, not {kind_name(value)}", path, value)
        case "inputs":
            pass
        case "cases":
            if isinstance(value, dict):
                for case, tasks in value.items():
                    yield case_list(name, case), _plain(tasks, (*path, case), findings)
            elif value is not None and value != []:
                findings.refuse(f"must be a map of lists, not {kind_name(value)}", path, value)


def _plain(value: object, path: Path, findings: Findings) -> Iterator[WrittenChild]:
    for at, each in findings.objects(value, path):
        yield WrittenChild(each, at)


def _of_dag(value: object, path: Path, findings: Findings) -> Iterator[WrittenChild]:
    for at, each in findings.objects(value, path):
        for key in each:
            if key not in _DAG_KEYS:
                findings.report(unrecognized(key, _DAG_KEYS, at, findings.guesses))
        names = each.get("dependsOn")
        if names is not None and not (
            isinstance(names, list) and all(isinstance(name, str) for name in names)
        ):
            findings.refuse(f"must be a list of task ids, not {kind_name(names)}", (*at, "dependsOn"), names)
            names = None
        task = each.get("task")
        if isinstance(task, dict):
            yield WrittenChild(task, (*at, "task"), tuple(names or ()))
        elif task is None:
            findings.refuse("must not be null", (*at, "task"))
        else:
            findings.refuse(f"must be a map, not {kind_name(task)}", (*at, "task"), task)
