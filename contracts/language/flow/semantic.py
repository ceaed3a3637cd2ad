"""Checks rules between the parts of a flow that are valid by themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from contracts.language.flow.catalog import Catalog
from contracts.language.flow.literal import wrong_defaults, wrong_trigger_inputs
from contracts.language.flow.model import Flow, Task
from contracts.language.flow.reader import TASK_KEYS, TRIGGER_KEYS
from contracts.language.flow.violation import Path, Violation, path_text
from contracts.language.nearest import Guesses
from contracts.language.types.declaration import TAIL, case_list
from contracts.language.types.index import FLOWABLES, INPUTS
from contracts.language.types.input.common import ListInput, Parted
from contracts.language.types.trigger.schedule import SCHEDULE
from contracts.language.types.trigger.schedule_on_dates import SCHEDULE_ON_DATES
from contracts.language.yaml_text.document import Document

_SCHEDULES = frozenset({SCHEDULE.name, SCHEDULE_ON_DATES.name})
_CALLERS = frozenset({"io.kestra.plugin.core.flow.Subflow", "io.kestra.plugin.core.flow.ForEachItem"})
ITEM_TYPES = frozenset(
    name
    for name, each in INPUTS.items()
    if not (issubclass(each.properties, (ListInput, Parted)) or each.secret)
)
"""What the items of a list may be. An input and an output have the same."""


def duplicate_tasks(task_paths: Sequence[tuple[str, Path]], document: Document) -> Iterator[Violation]:
    yield from _duplicates(task_paths, "task id", document)


def duplicates_of(value: Mapping[str, object], document: Document) -> Iterator[Violation]:
    """Find duplicates among triggers, inputs and outputs."""
    for key, what in (("triggers", "trigger id"), ("inputs", "input"), ("outputs", "output")):
        written = value.get(key)
        named = [
            (str(each.get("id", each.get("name", ""))), (key, index))
            for index, each in enumerate(written if isinstance(written, list) else ())
            if isinstance(each, dict)
        ]
        yield from _duplicates(named, what, document)


def _duplicates(named: Sequence[tuple[str, Path]], what: str, document: Document) -> Iterator[Violation]:
    seen: set[str] = set()
    reported: set[str] = set()
    for name, path in named:
        if name and name in seen and name not in reported:
            reported.add(name)
            yield _wrong(f"Duplicate {what} with name [{name}]", (*path, "id"), document)
        seen.add(name)


def semantic_violations(
    flow: Flow,
    document: Document,
    catalog: Catalog | None,
    guesses: Guesses,
    places: Mapping[str, Path],
) -> Iterator[Violation]:
    """``places``: the paths of the tasks by their ids."""
    yield from _labels(flow, document)
    yield from _input_ids(flow, document)
    yield from _dependencies(flow, document, guesses)
    yield from _schedule_inputs(flow, document)
    yield from _output_types(flow, document, guesses)
    for task in all_tasks(flow):
        if task.id in places:
            yield from _slots(task, places[task.id], document, guesses)
            yield from _own_call(flow, task, places[task.id], document)
            yield from _in_directory(task, places, document)
    if catalog is not None:
        # Not for a flow that was stored before this rule: it fails when its outputs are rendered.
        yield from _item_types(flow, document, guesses)
        for path, message, meant in (*wrong_defaults(flow), *wrong_trigger_inputs(flow, guesses)):
            yield _wrong(message, path, document, meant)
        yield from _plugin_defaults(flow, document, catalog, guesses)


def all_tasks(flow: Flow) -> Iterator[Task]:
    """Yield every task, also those inside others."""
    waiting = [*flow.tasks, *flow.errors, *flow.finally_, *flow.after_execution]
    waiting += (task for each in flow.hearing for task in each.tasks)
    while waiting:
        task = waiting.pop(0)
        yield task
        for children in task.children.values():
            waiting += children


def _slots(task: Task, path: Path, document: Document, guesses: Guesses) -> Iterator[Violation]:
    """Check what a flowable's lists have to be together: a Switch has some task, and a Dag can be ordered."""
    declared = FLOWABLES.get(task.type)
    shapes = {name: slot.shape for name, slot in declared.slots.items()} if declared is not None else {}
    for name, shape in shapes.items():
        if shape == "dag":
            yield from _order(task.children.get(name, ()), (*path, name), document, guesses)
        elif shape == "cases" and not any(
            _is_case(each, name, shapes) and tasks for each, tasks in task.children.items()
        ):
            yield _at("No task defined, neither cases or default have any tasks", path, document)


def _is_case(list_name: str, slot: str, shapes: Mapping[str, str]) -> bool:
    return list_name.startswith(case_list(slot, "")) or (list_name in shapes and list_name not in TAIL)


def _order(tasks: Sequence[Task], path: Path, document: Document, guesses: Guesses) -> Iterator[Violation]:
    needs = {task.id: task.depends_on for task in tasks}
    for index, task in enumerate(tasks):
        for other in task.depends_on:
            if other not in needs:
                meant = guesses.did_you_mean(other, needs)
                yield _at(
                    f"Not existing task id in dependency: {other}",
                    (*path, index, "dependsOn"),
                    document,
                    meant,
                )
    turning = [name for name in needs if _reaches_itself(name, needs)]
    if turning:
        yield _at(f"Cyclic dependency detected: {', '.join(turning)}", path, document)


def _own_call(flow: Flow, task: Task, path: Path, document: Document) -> Iterator[Violation]:
    """A flow that starts itself would never end. Only a direct call can be seen here."""
    target = (task.properties.get("namespace"), task.properties.get("flowId"))
    if task.type in _CALLERS and target == (flow.namespace, flow.id):
        yield _wrong(f"Recursive call to flow [{flow.namespace}.{flow.id}]", (*path, "flowId"), document)


def _in_directory(task: Task, places: Mapping[str, Path], document: Document) -> Iterator[Violation]:
    """Tasks that share a directory run on its worker: none of them is a flowable, or chooses a worker of its own."""
    declared = FLOWABLES.get(task.type)
    if declared is None or declared.keeps_files is None:
        return
    kind = task.type.rpartition(".")[2]
    for child in (each for children in task.children.values() for each in children):
        if child.id not in places:
            continue
        if child.type in FLOWABLES:
            message = f"Only runnable tasks are allowed as children of the '{kind}' task"
            yield _at(message, (*places[child.id], "type"), document)
        if child.worker_group is not None or child.worker_selector is not None:
            message = f"Cannot set a Worker Group in any '{kind}' sub-tasks, set it on the '{kind}' itself"
            yield _at(message, places[child.id], document)


def _at(message: str, path: Path, document: Document, suggestion: str = "") -> Violation:
    line, column = document.position(path)
    return Violation(message, path_text(path), line, column, suggestion=suggestion)


def _labels(flow: Flow, document: Document) -> Iterator[Violation]:
    places: list[tuple[Path, str, str]] = [(("labels",), each.key, each.value) for each in flow.labels]
    for index, trigger in enumerate(flow.triggers):
        places += [(("triggers", index, "labels"), each.key, each.value) for each in trigger.labels]
    for path, key, value in places:
        allowed = key == "system.readOnly" and path == ("labels",)
        if key.startswith("system.") and not allowed:
            message = f"System labels can only be set by Kestra itself, offending label: {key}={value}"
            yield _wrong(message, (*path, key), document)


def _input_ids(flow: Flow, document: Document) -> Iterator[Violation]:
    names = {each.id for each in flow.inputs}
    for index, each in enumerate(flow.inputs):
        parts = each.id.split(".")
        if "" in parts:
            yield _wrong(f"Input id `{each.id}` has an empty part", ("inputs", index, "id"), document)
        for end in range(1, len(parts)):
            outer = ".".join(parts[:end])
            if outer in names:
                message = f"Inputs `{outer}` and `{each.id}` conflict: one is inside the other"
                yield _wrong(message, ("inputs", index, "id"), document)


def _dependencies(flow: Flow, document: Document, guesses: Guesses) -> Iterator[Violation]:
    needs = {each.id: each.depends_on.inputs if each.depends_on else () for each in flow.inputs}
    for index, each in enumerate(flow.inputs):
        at = ("inputs", index, "dependsOn")
        for other in needs[each.id]:
            if other not in needs:
                message = f"Input with id '{each.id}' depends on a non-existent input '{other}'."
                yield _wrong(message, at, document, guesses.did_you_mean(other, needs))
        if _reaches_itself(each.id, needs):
            yield _wrong(f"Cycle dependency detected for input with id {each.id}", at, document)


def _reaches_itself(start: str, needs: Mapping[str, Sequence[str]]) -> bool:
    seen: set[str] = set()
    waiting = list(needs[start])
    while waiting:
        name = waiting.pop()
        if name == start:
            return True
        if name not in seen:
            seen.add(name)
            waiting.extend(needs.get(name, ()))
    return False


def _schedule_inputs(flow: Flow, document: Document) -> Iterator[Violation]:
    """Check that required inputs have a value, because a schedule cannot ask for one."""
    required = [
        each.id for each in flow.inputs if each.required and each.defaults is None and each.depends_on is None
    ]
    for index, trigger in enumerate(flow.triggers):
        if trigger.type not in _SCHEDULES:
            continue
        missing = [name for name in required if not _given(name, trigger.inputs)]
        if missing:
            listed = " | ".join(missing)
            message = f"Missing inputs for Schedule Trigger '{trigger.id}', missing inputs: '{listed}'"
            yield _wrong(message, ("triggers", index), document)


def _given(name: str, values: Mapping[str, object]) -> bool:
    if name in values:
        return True
    current: object = values
    for part in name.split("."):
        if not isinstance(current, Mapping) or part not in current:
            return False
        current = current[part]
    return True


def _output_types(flow: Flow, document: Document, guesses: Guesses) -> Iterator[Violation]:
    for index, each in enumerate(flow.outputs):
        if each.type not in INPUTS:
            message = f"Invalid type: {each.type}"
            line, column = document.position(("outputs", index, "type"))
            meant = guesses.did_you_mean(each.type, INPUTS)
            yield Violation(message, f"outputs[{index}].type", line, column, each.type, "structure", meant)


def _item_types(flow: Flow, document: Document, guesses: Guesses) -> Iterator[Violation]:
    for index, each in enumerate(flow.outputs):
        if each.item_type is not None and each.item_type not in ITEM_TYPES:
            message = f"Invalid type of items: {each.item_type}, use one of {', '.join(sorted(ITEM_TYPES))}"
            line, column = document.position(("outputs", index, "itemType"))
            meant = guesses.did_you_mean(each.item_type, ITEM_TYPES)
            yield Violation(
                message, f"outputs[{index}].itemType", line, column, each.item_type, "structure", meant
            )


def _plugin_defaults(
    flow: Flow, document: Document, catalog: Catalog, guesses: Guesses
) -> Iterator[Violation]:
    """Check that an entry for a single type only has properties of that type."""
    for index, entry in enumerate(flow.plugin_defaults):
        info = catalog.resolve(entry.type)
        if info is None or info.properties is None:
            continue
        common = TRIGGER_KEYS if info.kind == "trigger" else TASK_KEYS
        for key in entry.values:
            if key not in info.properties and key not in common:
                message = f"Invalid Plugin Default: No property '{key}' exists in plugin '{entry.type}'"
                meant = guesses.did_you_mean(key, info.properties | common)
                yield _wrong(message, ("pluginDefaults", index, "values", key), document, meant)


def _wrong(message: str, path: Path, document: Document, suggestion: str = "") -> Violation:
    line, column = document.key_position(path)
    return Violation(message, path_text(path), line, column, kind="flow", suggestion=suggestion)
