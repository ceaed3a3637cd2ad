"""Reads the merged value of a flow into models, part by part, so that one wrong part does not hide the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from contracts.language.expression.impure import WORKER_FUNCTIONS
from contracts.language.expression.presence import has_expression
from contracts.language.expression.template import is_truthy
from contracts.language.flow.catalog import TASK_KINDS, Catalog, TypeInfo, TypeKind, resolve_type
from contracts.language.flow.child import WrittenChild, read_lists, slots_of
from contracts.language.flow.condition import read_conditions
from contracts.language.flow.findings import Findings
from contracts.language.flow.flow_condition import CONDITIONS as FLOW_CONDITIONS
from contracts.language.flow.flow_trigger_check import check_flow_trigger
from contracts.language.flow.input_reader import read_inputs
from contracts.language.flow.listener import read_listeners
from contracts.language.flow.model import Flow, FlowHeader, Hearing, Task, TaskCommon, Trigger, TriggerCommon
from contracts.language.flow.plugin_default import Merged
from contracts.language.flow.schema import extended, keys_of, unrecognized, validated
from contracts.language.flow.trigger_condition import CONDITIONS
from contracts.language.flow.type_meant import type_meant
from contracts.language.flow.violation import Path, path_steps, path_text
from contracts.language.types.index import FLOWABLES, TRIGGERS
from contracts.language.types.property import Properties
from contracts.language.types.trigger.flow import FLOW
from contracts.language.types.trigger.webhook import WEBHOOK
from contracts.language.yaml_text.document import Document

MAX_TASKS = 10_000

_TASK_LISTS = {
    "tasks": "tasks",
    "errors": "errors",
    "finally": "finally_",
    "afterExecution": "after_execution",
}
_LISTS = frozenset({*_TASK_LISTS, "triggers", "inputs"})
_HEADER_KEYS = frozenset(keys_of(FlowHeader))
FLOW_KEYS = _HEADER_KEYS | _LISTS
NO_FUNCTIONS: frozenset[str] = frozenset()
"""The functions with outside access that the executor supplies."""
_TRUE = frozenset({"true", "1"})
_SHOWN = 200
_RUN_IF = frozenset({"runIf", "when"})
TASK_KEYS = (frozenset(keys_of(TaskCommon)) - {"type"}) | _RUN_IF | {"type"}
TRIGGER_KEYS = frozenset(keys_of(TriggerCommon))
_OLD_CONDITIONS = frozenset({"conditions", "scheduleConditions"})


class FlowReader:
    def __init__(self, document: Document, merged: Merged, catalog: Catalog | None) -> None:
        self.document = document
        self.value = merged.value
        self.catalog = catalog
        self.findings = Findings(document, checks_expressions=catalog is not None)
        self.task_paths: list[tuple[str, Path]] = []
        self._added = merged.added

    def read(self) -> Flow | None:
        header = self._header()
        lists: dict[str, object] = {
            field: self._tasks(self.value.get(key), (key,), required=key == "tasks")
            for key, field in _TASK_LISTS.items()
        }
        lists["hearing"] = tuple(
            Hearing(conditions=conditions).model_copy(
                update={"tasks": self._tasks(written.get("tasks"), (*path, "tasks"))}
            )
            for path, written, conditions in read_listeners(self.value.get("listeners"), self.findings)
        )
        lists["triggers"] = self._triggers(self.value.get("triggers"), ("triggers",))
        lists["inputs"] = read_inputs(self.value.get("inputs"), ("inputs",), self.findings)
        if len(self.task_paths) > MAX_TASKS:
            self.findings.refuse(
                f"has {len(self.task_paths)} tasks, at most {MAX_TASKS} are allowed", ("tasks",)
            )
        if header is None or self.findings.errors:
            return None
        return extended(Flow, header, **lists)

    def read_part(self, value: Mapping[str, object], *, trigger: bool) -> Task | Trigger | None:
        """Read a single task or trigger."""
        return self._trigger(dict(value), ()) if trigger else self._task(WrittenChild(dict(value), ()))

    def _header(self) -> FlowHeader | None:
        written: dict[str, object] = {}
        for key, value in self.value.items():
            if key == "taskDefaults":
                self.findings.deprecate((key,), "`taskDefaults` is now `pluginDefaults`")
            elif key == "listeners":
                self.findings.deprecate(
                    (key,),
                    "`listeners` are replaced by `afterExecution`, whose tasks have a condition `when`",
                )
            elif key not in FLOW_KEYS:
                self.findings.report(unrecognized(key, FLOW_KEYS, (), self.findings.guesses))
                continue
            if value is not None and key not in _LISTS and key != "revision":
                written["pluginDefaults" if key == "taskDefaults" else key] = value
        if "quotas" in written:
            self.findings.refuse(
                "quotas are not supported: remove them, or limit with `concurrency`", ("quotas",)
            )
        self._old_retry(written.get("retry"), ("retry",))
        header = self.findings.validated(FlowHeader, written, ())
        for key in ("variables", "checks", "sla"):
            self.findings.check_expressions(written.get(key), (key,))
        self.findings.check_expressions(written.get("outputs"), ("outputs",))
        self.findings.check_expressions(written.get("workerGroup"), ("workerGroup",))
        return header

    def _tasks(self, value: object, path: Path, *, required: bool = False) -> tuple[Task, ...]:
        if required and (value is None or value == []):
            self.findings.refuse("must not be empty", path)
        return self._read(WrittenChild(each, at) for at, each in self.findings.objects(value, path))

    def _read(self, written: Iterable[WrittenChild]) -> tuple[Task, ...]:
        tasks = [self._task(each) for each in written]
        return tuple(task for task in tasks if task is not None)

    def _type(self, value: Mapping[str, object], path: Path, kinds: frozenset[TypeKind]) -> TypeInfo | None:
        name = value.get("type")
        if name is None or isinstance(name, (bool, list, dict)):
            return None  # the model of the common part reports it
        name = str(name)
        info = resolve_type(name, self.catalog)
        if info is None or (info.kind not in kinds and info.kind != "other"):
            meant = type_meant(name, kinds, self.catalog) if self.findings.guesses.take() else ""
            self.findings.invalid_type(name, (*path, "type"), meant)
            return None
        if info.deprecated_by and resolve_type(info.deprecated_by, self.catalog) is not None:
            self.findings.deprecate((*path, "type"), f"`{name}` is replaced by `{info.deprecated_by}`")
        return info

    def _task(self, written: WrittenChild) -> Task | None:
        value, path = written.value, written.path
        identifier = value.get("id")
        self.task_paths.append((str(identifier) if identifier is not None else "", path))
        info = self._type(value, path, TASK_KINDS)
        slots = slots_of(info.name) if info else {}
        common: dict[str, object] = {}
        properties: dict[str, object] = {}
        for key, part in value.items():
            if key in TASK_KEYS:
                if part is not None:
                    common[key] = part
            elif key not in slots:
                properties[key] = part
        self._old_retry(common.get("retry"), (*path, "retry"))
        read = self._common(TaskCommon, self._one_condition(common, path), path)
        children = {
            name: self._read(tasks)
            for key, slot in slots.items()
            if slot.shape != "inputs" and (slot.required or key in value)
            for name, tasks in read_lists(slot, value.get(key), (*path, key), self.findings)
        }
        asks = [
            asked
            for key, slot in slots.items()
            if slot.shape == "inputs"
            for asked in read_inputs(value.get(key), (*path, key), self.findings)
        ]
        if info is None:
            return None
        properties = self._properties(info, properties, path, frozenset(TASK_KEYS | slots.keys()))
        if read is None:
            return None
        made = self._parts(info, read, properties, path)
        if made:
            children = {"tasks": made, **children}
        more: dict[str, object] = {"depends_on": written.depends_on, "asks": tuple(asks)}
        return extended(Task, read, type=info.name, properties=properties, children=children, **more)

    def _parts(
        self, info: TypeInfo, read: TaskCommon, properties: Mapping[str, object], path: Path
    ) -> tuple[Task, ...]:
        """The tasks that the engine makes of one, such as those of a ForEachItem. They run where it is to run."""
        flowable = FLOWABLES.get(info.name)
        made = []
        for each in flowable.parts(read.id, properties) if flowable is not None else ():
            name, kind = str(each.pop("id")), str(each.pop("type"))
            self.task_paths.append((name, path))
            common = TaskCommon.model_construct(
                id=name, type=kind, worker_group=read.worker_group, log_level=read.log_level
            )
            made.append(
                extended(Task, common, type=kind, properties=each, children={}, depends_on=(), asks=())
            )
        return tuple(made)

    def _one_condition(self, common: dict[str, object], path: Path) -> dict[str, object]:
        """Join ``runIf`` and its new name ``when`` into the field ``runIf``."""
        if "when" in common:
            if "runIf" in common:
                self.findings.refuse("`runIf` is the old name of `when`: write one of them", (*path, "when"))
            common["runIf"] = common.pop("when")
        if isinstance(common.get("runIf"), bool):
            common["runIf"] = str(common["runIf"]).lower()
        return common

    def _common(self, model: type[TaskCommon], value: dict[str, object], path: Path) -> TaskCommon | None:
        read = self.findings.validated(model, value, path)
        for key in ("runIf", "timeout"):
            written = "when" if key == "runIf" and self._wrote(path, "when") else key
            self.findings.check_expressions(value.get(key), (*path, written))
            if key == "runIf":
                self._check_constant(value.get(key), (*path, written))
        self.findings.check_expressions(value.get("workerGroup"), (*path, "workerGroup"))
        return read

    def _check_constant(self, value: object, path: Path) -> None:
        """Warn of a condition that was meant as an expression. As in Kestra, plain text is true unless it is a false word."""
        if isinstance(value, str) and not has_expression(value) and value not in _TRUE and is_truthy(value):
            message = "the text has no expression, so the condition is always true"
            self.findings.warn(message, path, f"Write `{{{{ {value} }}}}`." if len(value) <= _SHOWN else "")

    def _wrote(self, path: Path, key: str) -> bool:
        return self.document.key_position((*path, key)) != self.document.position(path)

    def _properties(
        self, info: TypeInfo, written: dict[str, object], path: Path, common: frozenset[str]
    ) -> dict[str, object]:
        """Check the properties against the type. Drop keys that only plugin defaults brought and that the type does not know."""
        known = self._known(info)
        if known is not None:
            extra = self._added.get(path, frozenset()) - known
            written = {key: value for key, value in written.items() if key not in extra}
        model, guesses = _model_of(info.name), self.findings.guesses
        if model is not None:
            for problem in validated(model, written, path, guesses)[1]:
                if problem.kind == "structure" and len(path_steps(problem.path)) == len(path) + 1:
                    key = str(path_steps(problem.path)[-1])
                    known_here = common | frozenset(keys_of(model))
                    problem = unrecognized(key, known_here, path, guesses)  # noqa: PLW2901
                self.findings.report(problem)
        elif self.catalog is not None:
            for problem in self.catalog.check(info.name, written):
                steps = path_steps(problem.path)
                if problem.kind == "structure" and len(steps) == 1 and known is not None:
                    self.findings.report(unrecognized(str(steps[0]), common | known, path, guesses))
                else:
                    self.findings.report(replace(problem, path=path_text((*path, *steps))))
        dynamic = {key: value for key, value in written.items() if key not in info.static}
        self.findings.check_expressions(dynamic, path)
        return written

    def _known(self, info: TypeInfo) -> frozenset[str] | None:
        model = _model_of(info.name)
        return frozenset(keys_of(model)) if model else info.properties

    def _old_retry(self, value: object, path: Path) -> None:
        if isinstance(value, Mapping) and "maxAttempt" in value:
            self.findings.deprecate((*path, "maxAttempt"), "`maxAttempt` is now `maxAttempts`")

    def _triggers(self, value: object, path: Path) -> tuple[Trigger, ...]:
        triggers = [self._trigger(each, at) for at, each in self.findings.objects(value, path)]
        return tuple(each for each in triggers if each is not None)

    def _trigger(self, value: dict[str, object], path: Path) -> Trigger | None:
        info = self._type(value, path, frozenset({"trigger"}))
        common = {key: part for key, part in value.items() if key in TRIGGER_KEYS and part is not None}
        properties = {key: part for key, part in value.items() if key not in TRIGGER_KEYS}
        if isinstance(common.get("when"), bool):
            common["when"] = str(common["when"]).lower()
        read = self.findings.validated(TriggerCommon, common, path)
        # The trigger-listener renders the templates of all others. It has no secrets; web has them for webhooks.
        flow_trigger = info is not None and info.name == FLOW.name
        by_web = info is None or info.name == WEBHOOK.name
        supplied = WORKER_FUNCTIONS if by_web else NO_FUNCTIONS
        self.findings.check_condition(common.get("when"), (*path, "when"), supplied)
        for key in _OLD_CONDITIONS & value.keys():
            self.findings.deprecate((*path, key), f"`{key}` of a trigger are replaced by `when`")
        for key in ("inputs", "labels"):
            self.findings.check_expressions(common.get(key), (*path, key), supplied)
        if self.catalog is not None:
            # A flow that was saved before is read without a catalog, and says at its trigger's date what is wrong.
            for key in sorted(_OLD_CONDITIONS):
                known = FLOW_CONDITIONS if flow_trigger else CONDITIONS
                read_conditions(value.get(key), (*path, key), self.findings, known, supplied)
        if info is None:
            return None
        if flow_trigger:
            check_flow_trigger(value, path, self.findings, supplied)
        properties = self._properties(info, properties, path, TRIGGER_KEYS)
        if read is None:
            return None
        return extended(Trigger, read, type=info.name, properties=properties)


def _model_of(type_name: str) -> type[Properties] | None:
    """Return the properties' model of an engine type."""
    declared = FLOWABLES.get(type_name) or TRIGGERS.get(type_name)
    return declared.properties if declared is not None else None
