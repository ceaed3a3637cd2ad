"""The state of a partition as independent snapshot items, and back. Items hold only facts; indexes and counters are built
anew. Field names are stored until the next snapshot: add fields with defaults, never rename them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import msgspec

from contracts.evaluation import Answer, Question
from contracts.execution import (
    ChildState,
    CommandInParts,
    ErrorLine,
    History,
    KillExecution,
    ParentRef,
    ResumeExecution,
    RunsPart,
    TriggerRef,
)
from contracts.language.types.behaviour import ChildEnd
from contracts.language.types.span import Span, Values
from contracts.scalars import JsonObject, Millis
from contracts.states import State
from services.executor.executions.ended import EndedPage
from services.executor.executions.event import Ending, ExecutionEnding, Purpose
from services.executor.executions.evolve import enrol_evaluation
from services.executor.executions.lease import Lease, Leased, Leases
from services.executor.executions.state import (
    NO_OUTPUTS,
    Evaluation,
    Execution,
    ExecutionsState,
    Family,
    Group,
    Loop,
    Restoring,
    SharedDirectory,
    TaskRun,
    index,
)
from services.executor.executions.transfer import Transfers
from services.executor.executions.values import PAGE_BYTES, pages

ITEM_BYTES = PAGE_BYTES
"""The aim for one item. A single run or value may exceed it."""
_RUN_BYTES = 160
KILL = "kill"
"""Names the entities of early kills."""
LEASES = "leases"
PARTS = "parts"
"""Names the entities of task runs that wait for their command."""


class DirectoryItem(msgspec.Struct, frozen=True, array_like=True):
    id: str
    attempt: int
    group: str
    step: Literal["", "enter", "leave"]
    worker_id: str
    losses: int
    then: State | None


class RunItem(msgspec.Struct, frozen=True, array_like=True):
    id: str
    task_id: str
    state: State
    created_at: Millis
    parent_id: str | None
    value: str | None
    iteration: int | None
    attempt: int
    losses: int
    started_at: Millis | None
    ended_at: Millis | None
    retry_at: Millis | None
    outputs: JsonObject
    outputs_uri: str | None
    flowable: bool
    wake_at: Millis | None = None
    then: State | None = None
    group: str = ""
    directory: DirectoryItem | None = None
    deadline: tuple[State, str] | None = None
    errors: list[ErrorLine] = []
    limit: int | None = None


class ExecutionItem(msgspec.Struct, frozen=True, tag="execution", omit_defaults=True):
    id: str
    namespace: str
    flow_id: str
    revision: int
    state: State
    seq: int
    histories: list[History]
    inputs: JsonObject
    labels: dict[str, str]
    trigger: TriggerRef | None = None
    parent_id: str | None = None
    original_id: str | None = None
    scheduled_at: Millis | None = None
    kind: str = "NORMAL"
    attempt_number: int = 1
    trigger_key: str | None = None
    limit_key: str | None = None
    trace_parent: str | None = None
    outputs: JsonObject = {}
    lingers: bool = False
    heard: list[int] = []
    asked: int = 0
    ending: ExecutionEnding | None = None
    held: bool = False
    variables: JsonObject | None = None
    parent: ParentRef | None = None
    levels: dict[str, bool] = {}
    encrypted: bool = False
    breakpoints: list[str] = []


class RunsItem(msgspec.Struct, frozen=True, tag="runs"):
    execution_id: str
    first: int
    runs: list[RunItem]


class LoopItem(msgspec.Struct, frozen=True, tag="loop"):
    execution_id: str
    task_run_id: str
    body: list[str]
    first: int
    values: list[str]


class SpanItem(msgspec.Struct, frozen=True, tag="span"):
    """Integers at equal distances that are the values of a loop or, without a body, of a family. The rest stands in their items."""

    execution_id: str
    task_run_id: str
    span: Span
    body: list[str] | None


class FamilyItem(msgspec.Struct, frozen=True, tag="family"):
    execution_id: str
    task_run_id: str
    first: int
    values: list[str]
    begun: int
    open: dict[int, str]
    ends: list[tuple[str, int, str, State, JsonObject]]
    stopped: bool
    reason: str
    held: list[int] = []
    undecided: list[int] = []
    waiting: list[ChildState] = []


class EvaluationItem(msgspec.Struct, frozen=True, tag="evaluation", omit_defaults=True):
    execution_id: str
    task_run_id: str
    id: str
    purpose: Purpose
    attempt: int
    group: str
    questions: list[Question]
    answers: list[tuple[Question, Answer]] = []
    losses: int = 0
    ending: Ending | None = None
    command: ResumeExecution | None = None


class RestoringItem(msgspec.Struct, frozen=True, tag="restoring"):
    execution_id: str
    command: CommandInParts
    at: Millis
    asks: bool
    done: int


class PartItem(msgspec.Struct, frozen=True, tag="part"):
    part: RunsPart
    at: Millis
    """When the first part of its transfer came."""


class EarlyKillItem(msgspec.Struct, frozen=True, tag="early_kill"):
    command: KillExecution


class LeaseItem(msgspec.Struct, frozen=True, tag="lease"):
    """A lease with the attempts in its places. ``place``: where it stands among those of its group."""

    group: str
    place: int
    number: int
    worker_id: str
    inbox: int
    session: str
    slots: int
    revoked: bool
    reason: str
    attempts: list[tuple[str, str, int, bool]]
    """Execution, task run or evaluation, number, whether it is to stop."""


class LastLeaseItem(msgspec.Struct, frozen=True, tag="last_lease"):
    group: str
    number: int


Item = (
    ExecutionItem
    | RunsItem
    | LoopItem
    | SpanItem
    | FamilyItem
    | EvaluationItem
    | RestoringItem
    | PartItem
    | EarlyKillItem
    | LeaseItem
    | LastLeaseItem
    | EndedPage
)
_pack = msgspec.msgpack.Encoder().encode
_unpack: Callable[[bytes], Item] = msgspec.msgpack.Decoder(Item).decode
_json = msgspec.json.Encoder().encode
_read_json: Callable[[bytes], Item] = msgspec.json.Decoder(Item).decode
_UNPACK_ITEMS: msgspec.msgpack.Decoder[list[bytes]] = msgspec.msgpack.Decoder(list[bytes])
_SCALARS = tuple(name for name in ExecutionItem.__struct_fields__)


def _encode(value: object) -> bytes:
    """Encode as MessagePack. Use JSON for integers over 64 bits, which inputs and outputs may have."""
    try:
        return _pack(value)
    except OverflowError:
        return _json(value)


def _decode(raw: bytes) -> Item:
    """Decode an item. It is a map, and a map in MessagePack never begins with a brace."""
    return _read_json(raw) if raw.startswith(b"{") else _unpack(raw)


def dump(state: ExecutionsState) -> Iterator[bytes]:
    for execution_id in state.executions.ids():
        yield from dump_execution(state, execution_id)
    for kill in state.early_kills.values():
        yield _encode(EarlyKillItem(kill))
    for transfer_id in state.transfers.by_id:
        yield from map(_encode, _part_items(state.transfers, transfer_id))
    for name in state.leases.last:
        yield from map(_encode, _lease_items(state.leases, name))
    for page in state.ended.pages():
        yield _encode(page)


def dump_execution(state: ExecutionsState, execution_id: str) -> list[bytes]:
    kept = state.executions.kept(execution_id)
    if kept is not None:
        return _UNPACK_ITEMS.decode(kept)
    return _items(state.executions[execution_id])


def keep(state: ExecutionsState, execution_id: str, items: list[bytes]) -> None:
    """Keep an execution as its items until something happens to it."""
    state.executions.keep(execution_id, msgspec.msgpack.encode(items))


def decode_kept(encoded: bytes) -> Execution:
    found: dict[str, Execution] = {}
    _load_executions(found, _UNPACK_ITEMS.decode(encoded))
    (execution,) = found.values()
    return execution


def dump_entity(state: ExecutionsState, entity: str) -> list[bytes]:
    """Return an execution, the kill of one that is not known yet, or some ids of ended ones. Executions that wait are kept
    encoded from then on."""
    if not is_execution(entity):
        kind, _, rest = entity.partition("/")
        if kind == KILL:
            return [_encode(EarlyKillItem(state.early_kills[rest]))] if rest in state.early_kills else []
        if kind == PARTS:
            return [_encode(item) for item in _part_items(state.transfers, rest)]
        if kind == LEASES:
            return [_encode(item) for item in _lease_items(state.leases, rest)]
        return [_encode(page) for page in state.ended.pages_of(entity)]
    if entity not in state.executions:
        return []
    items = dump_execution(state, entity)
    if state.executions.kept(entity) is None and _waits(state.executions[entity]):
        keep(state, entity, items)
    return items


def entities(state: ExecutionsState) -> Iterator[str]:
    yield from state.executions.ids()
    yield from map(kill_entity, state.early_kills)
    yield from map(parts_entity, state.transfers.by_id)
    yield from map(lease_entity, state.leases.last)
    yield from state.ended.entities()


def take_touched(state: ExecutionsState) -> dict[str, None]:
    """Return the entities that events may have changed since the last call."""
    touched = {**state.executions.touched, **state.ended.touched}
    touched |= dict.fromkeys(map(kill_entity, state.touched_kills))
    touched |= dict.fromkeys(map(parts_entity, state.transfers.touched))
    touched |= dict.fromkeys(map(lease_entity, state.leases.touched))
    for taken in (
        state.executions.touched,
        state.ended.touched,
        state.touched_kills,
        state.transfers.touched,
        state.leases.touched,
    ):
        taken.clear()
    return touched


def is_execution(entity: str) -> bool:
    """Return whether an entity is an execution. Ids have no slash."""
    return "/" not in entity


def lease_entity(group: str) -> str:
    """All leases of a worker group are one entity, because they are few and change often."""
    return f"{LEASES}/{group}"


def parts_entity(transfer_id: str) -> str:
    return f"{PARTS}/{transfer_id}"


def kill_entity(execution_id: str) -> str:
    return f"{KILL}/{execution_id}"


def _waits(execution: Execution) -> bool:
    """Return whether nothing is likely to happen to it soon: it runs nothing, and asks nothing."""
    return not execution.active and not execution.evaluations and execution.restoring is None


def _items(execution: Execution) -> list[bytes]:
    return [
        _encode(ExecutionItem(**{name: getattr(execution, name) for name in _SCALARS})),
        *map(_encode, _loop_items(execution)),
        *map(_encode, _family_items(execution)),
        *map(_encode, _run_items(execution)),
        *(_encode(_evaluation_item(execution.id, each)) for each in execution.evaluations.values()),
        *map(_encode, _restoring_items(execution)),
    ]


def _restoring_items(execution: Execution) -> list[RestoringItem]:
    restoring = execution.restoring
    if restoring is None:
        return []
    return [RestoringItem(execution.id, restoring.command, restoring.at, restoring.asks, restoring.done)]


def _part_items(transfers: Transfers, transfer_id: str) -> list[PartItem]:
    transfer = transfers.by_id.get(transfer_id)
    return [PartItem(part, transfer.at) for part in transfer.parts.values()] if transfer is not None else []


def _lease_items(leases: Leases, name: str) -> Iterator[LeaseItem | LastLeaseItem]:
    for place, lease in enumerate(leases.groups.get(name, {}).values()):
        attempts = [leases.attempts[key] for key in lease.attempts]
        yield LeaseItem(
            lease.group,
            place,
            lease.number,
            lease.worker_id,
            lease.inbox,
            lease.session,
            lease.slots,
            lease.revoked,
            lease.reason,
            [(each.execution_id, each.task_run_id, each.attempt, each.stopping) for each in attempts],
        )
    if name in leases.last:
        yield LastLeaseItem(name, leases.last[name])


def _loop_items(execution: Execution) -> Iterator[LoopItem | SpanItem]:
    for run in execution.runs.values():
        loop = run.children.loop if run.children is not None else None
        if loop is None:
            continue
        if isinstance(loop.values, Span):
            yield SpanItem(execution.id, run.id, loop.values, list(loop.body))
            continue
        for first, values in pages(loop.values):
            yield LoopItem(execution.id, run.id, list(loop.body), first, values)


def _family_items(execution: Execution) -> Iterator[FamilyItem | SpanItem]:
    for run in execution.runs.values():
        family = run.children.family if run.children is not None else None
        if family is None:
            continue
        plain = [] if isinstance(family.values, Span) else family.values
        if isinstance(family.values, Span):
            yield SpanItem(execution.id, run.id, family.values, None)
        for first, values in pages(plain):
            yield _family_item(execution, run, family, first, values, [])
        for ends in _end_pages(family):
            yield _family_item(execution, run, family, len(family.values), [], ends)
        for child in family.waiting:  # one of them may be large
            item = _family_item(execution, run, family, len(family.values), [], [])
            yield msgspec.structs.replace(item, waiting=[child])


_Ends: TypeAlias = list[tuple[str, int, str, State, JsonObject]]


def _family_item(  # noqa: PLR0913 - one for each part
    execution: Execution, run: TaskRun, family: Family, first: int, values: list[str], ends: _Ends
) -> FamilyItem:
    return FamilyItem(
        execution.id,
        run.id,
        first,
        values,
        family.begun,
        family.open,
        ends,
        family.stopped,
        family.reason,
        sorted(family.held),
        family.undecided,
    )


def _end_pages(family: Family) -> Iterator[_Ends]:
    page: _Ends = []
    size = 0
    for end in family.ends:
        page.append((end.id, end.index, end.value, end.state, end.outputs))
        size += _RUN_BYTES + len(end.value) + (len(_encode(end.outputs)) if end.outputs else 0)
        if size > ITEM_BYTES:
            yield page
            page, size = [], 0
    if page:
        yield page


def _evaluation_item(execution_id: str, evaluation: Evaluation) -> EvaluationItem:
    return EvaluationItem(
        execution_id=execution_id,
        task_run_id=evaluation.task_run_id,
        id=evaluation.id,
        purpose=evaluation.purpose,
        attempt=evaluation.attempt,
        group=evaluation.group,
        questions=evaluation.questions,
        answers=list(evaluation.answers.items()),
        losses=evaluation.losses,
        ending=evaluation.ending,
        command=evaluation.command,
    )


def _run_items(execution: Execution) -> Iterator[RunsItem]:
    first, size = 0, 0
    page: list[RunItem] = []
    for run in execution.runs.values():
        page.append(_run_item(run))
        size += _RUN_BYTES + len(run.value or "") + (len(_encode(run.outputs)) if run.outputs else 0)
        if size > ITEM_BYTES:
            yield RunsItem(execution.id, first, page)
            first, size, page = first + len(page), 0, []
    if page:
        yield RunsItem(execution.id, first, page)


def _run_item(run: TaskRun) -> RunItem:
    return RunItem(
        id=run.id,
        task_id=run.task_id,
        state=run.state,
        created_at=run.created_at,
        parent_id=run.parent.id if run.parent is not None else None,
        value=run.value,
        iteration=run.iteration,
        attempt=run.attempt,
        losses=run.losses,
        started_at=run.started_at,
        ended_at=run.ended_at,
        retry_at=run.retry_at,
        outputs=run.outputs,
        outputs_uri=run.outputs_uri,
        flowable=run.children is not None,
        wake_at=run.wake_at,
        then=run.then,
        group=run.group,
        directory=None
        if run.directory is None
        else DirectoryItem(
            **{name: getattr(run.directory, name) for name in DirectoryItem.__struct_fields__}
        ),
        deadline=run.deadline,
        errors=run.errors,
        limit=run.children.limit if run.children is not None else None,
    )


def load(state: ExecutionsState, items: Iterable[bytes]) -> None:
    """Load items into an empty partition, in any order."""
    _load_others(state, _load_executions(state.executions, items))


def load_entities(state: ExecutionsState, entities: Iterable[tuple[str, list[bytes]]]) -> None:
    """Load entities into an empty partition. Executions stay encoded."""
    others: list[tuple[str, list[bytes]]] = []
    for entity, items in entities:
        if is_execution(entity):
            keep(state, entity, items)
        else:
            others.append((entity, items))
    # Of pages of one hour, the later one counts.
    others.sort(key=lambda each: (len(each[0]), each[0]))
    _load_others(state, [_decode(item) for _, items in others for item in items])


def _load_others(state: ExecutionsState, items: Iterable[Item]) -> None:
    ended: list[EndedPage] = []
    leases: list[LeaseItem | LastLeaseItem] = []
    for item in items:
        if isinstance(item, EarlyKillItem):
            state.early_kills[item.command.execution_id] = item.command
        elif isinstance(item, PartItem):
            state.transfers.keep(item.part, item.at)
        elif isinstance(item, LeaseItem | LastLeaseItem):
            leases.append(item)
        elif isinstance(item, EndedPage):
            ended.append(item)
    state.transfers.touched.clear()
    state.ended.restore(ended)
    _load_leases(state.leases, leases)


_Loops: TypeAlias = dict[tuple[str, str], list[LoopItem | SpanItem]]


@dataclass(slots=True)
class _Parts:
    """The items of executions, by kind. They may come in any order."""

    loops: _Loops = field(default_factory=dict)
    families: list[FamilyItem] = field(default_factory=list)
    spans: list[SpanItem] = field(default_factory=list)
    runs: dict[str, list[RunsItem]] = field(default_factory=dict)
    evaluations: list[EvaluationItem] = field(default_factory=list)
    restorings: list[RestoringItem] = field(default_factory=list)
    others: list[Item] = field(default_factory=list)

    def take(self, item: Item) -> None:
        match item:
            case RunsItem():
                self.runs.setdefault(item.execution_id, []).append(item)
            case SpanItem(body=None):
                self.spans.append(item)
            case LoopItem() | SpanItem():
                self.loops.setdefault((item.execution_id, item.task_run_id), []).append(item)
            case FamilyItem():
                self.families.append(item)
            case EvaluationItem():
                self.evaluations.append(item)
            case RestoringItem():
                self.restorings.append(item)
            case _:
                self.others.append(item)


def _load_executions(executions: dict[str, Execution], items: Iterable[bytes]) -> list[Item]:
    """Load executions, and return the other items."""
    parts = _Parts()
    for raw in items:
        item = _decode(raw)
        if isinstance(item, ExecutionItem):
            executions[item.id] = _execution(item)
        else:
            parts.take(item)
    _load_runs(executions, parts)
    for each in parts.restorings:
        restoring = Restoring(each.command, each.at, each.asks, each.done)
        executions[each.execution_id].restoring = restoring
    for asked in parts.evaluations:
        enrol_evaluation(executions[asked.execution_id], _evaluation(asked))
    for family in sorted(parts.families, key=lambda item: item.first):
        _add_family(executions[family.execution_id].runs[family.task_run_id], family)
    for spanned in parts.spans:
        group = executions[spanned.execution_id].runs[spanned.task_run_id].children
        assert group is not None
        assert group.family is not None
        group.family.values = spanned.span
    return parts.others


def _load_runs(executions: dict[str, Execution], parts: _Parts) -> None:
    for execution_id, found in parts.runs.items():
        execution = executions[execution_id]
        for page in sorted(found, key=lambda item: item.first):
            for run in page.runs:
                _add_run(execution, run, parts.loops)
    for execution_id, run_id in parts.loops:
        children = executions[execution_id].runs[run_id].children
        if children is not None and children.loop is not None and children.loop.values:
            children.loop.begin_missing()


def _load_leases(leases: Leases, items: list[LeaseItem | LastLeaseItem]) -> None:
    for last in items:
        if isinstance(last, LastLeaseItem):
            leases.last[last.group] = last.number
    found = [item for item in items if isinstance(item, LeaseItem)]
    for each in sorted(found, key=lambda item: item.place):
        _add_lease(leases, each)


def _add_lease(leases: Leases, item: LeaseItem) -> None:
    lease = Lease(
        item.group,
        item.number,
        item.worker_id,
        item.inbox,
        item.session,
        item.slots,
        item.revoked,
        item.reason,
    )
    leases.groups.setdefault(item.group, {})[item.number] = lease
    for execution_id, task_run_id, number, stopping in item.attempts:
        leases.seat(Leased(lease, execution_id, task_run_id, number, stopping))


def _add_family(run: TaskRun, item: FamilyItem) -> None:
    assert run.children is not None
    if run.children.family is None:
        run.children.family = Family(
            begun=item.begun,
            open=dict(item.open),
            stopped=item.stopped,
            reason=item.reason,
            held=set(item.held),
            undecided=list(item.undecided),
        )
    family = run.children.family
    family.values = [*family.values, *item.values]
    family.ends.extend(ChildEnd(*end) for end in item.ends)
    family.waiting.extend(item.waiting)


def _evaluation(item: EvaluationItem) -> Evaluation:
    return Evaluation(
        id=item.id,
        task_run_id=item.task_run_id,
        purpose=item.purpose,
        attempt=item.attempt,
        group=item.group,
        questions=item.questions,
        answers=dict(item.answers),
        losses=item.losses,
        ending=item.ending,
        command=item.command,
    )


def _execution(item: ExecutionItem) -> Execution:
    return Execution(**{name: getattr(item, name) for name in _SCALARS})


def _add_run(execution: Execution, item: RunItem, loops: _Loops) -> None:
    run = TaskRun(
        id=item.id,
        task_id=item.task_id,
        state=item.state,
        created_at=item.created_at,
        parent=execution.runs[item.parent_id] if item.parent_id is not None else None,
        value=item.value,
        iteration=item.iteration,
        attempt=item.attempt,
        losses=item.losses,
        started_at=item.started_at,
        ended_at=item.ended_at,
        retry_at=item.retry_at,
        outputs=item.outputs or NO_OUTPUTS,
        outputs_uri=item.outputs_uri,
        wake_at=item.wake_at,
        then=item.then,
        group=item.group,
        directory=None
        if item.directory is None
        else SharedDirectory(
            **{name: getattr(item.directory, name) for name in DirectoryItem.__struct_fields__}
        ),
        deadline=item.deadline,
        errors=item.errors,
    )
    if item.flowable:
        run.children = Group(limit=item.limit)
        run.children.loop = _loop_of(loops.get((execution.id, run.id), []))
    index(execution, run)
    _count(execution, run)


def _loop_of(parts: list[LoopItem | SpanItem]) -> Loop | None:
    if not parts:
        return None
    values: Values = []
    for part in sorted(parts, key=lambda part: part.first if isinstance(part, LoopItem) else 0):
        values = part.span if isinstance(part, SpanItem) else [*values, *part.values]
    return Loop(tuple(parts[0].body or ()), values)


def _count(execution: Execution, run: TaskRun) -> None:
    execution.paused += run.state is State.PAUSED
    execution.retrying += run.state is State.RETRYING
    if run.children is None:
        execution.active += run.state is State.SUBMITTED or run.state is State.RUNNING
        if run.state in (State.RESTARTED, State.BREAKPOINT):
            execution.restarted[run.id] = run
    group = execution.group_of(run.parent)
    group.open += not run.ended
    if run.iteration is None:
        group.runs[run.task_id] = run
    else:
        group.loop = group.loop or Loop(())
        group.loop.admit(run)
