"""Actions on executions: each on one execution, in the paths of both generations, on many ids, and on a selection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from services.web.core.search.resource import EXECUTIONS
from services.web.document.operation import (
    Answer,
    Body,
    Content,
    Operation,
    Operations,
    Parameter,
    Tag,
    json_answer,
    json_body,
)
from services.web.document.parameters import BREAKPOINTS, selected
from services.web.document.schema.base import BulkDone, Label
from services.web.document.schema.execution import (
    Execution,
    LabelledExecutions,
    TaskRunState,
    ValidatedInputs,
)

_ROOT = "/api/v1/main/executions"
_ONE = json_answer(Execution, "The execution")
_IDS = json_body(list[str], "ids of executions; nothing happens if one of them cannot be acted on")
_SELECTION = (
    "At least one filter is required. Unknown parameters are refused. Nothing happens if a matching execution cannot be "
    "acted on. At most 10,000 executions at once."
)
_BULK = json_answer(BulkDone, "How many")
_CASCADE = Parameter("isOnKillCascade", "with `false`, an execution that has ended is a conflict", bool)
_ASKED = Body(
    (Content("multipart/form-data", dict[str, str]),),
    "one part for each input that the paused task asks for",
    required=False,
)


@dataclass(frozen=True, slots=True)
class _Act:
    name: str
    """As paths have it."""
    verb: str
    meaning: str
    which: str = ""
    """Which executions it is for."""
    method: str = "POST"
    older_status: int = 200
    body: Body | None = None
    parameters: tuple[Parameter, ...] = ()
    bulk_parameters: tuple[Parameter, ...] = ()
    """Of the by-query route."""
    ids_parameters: tuple[Parameter, ...] = ()
    bulk_body: Body | None = None
    """Of the by-query route."""
    ids_body: Body = _IDS
    one_only: bool = False


_FINAL = Literal["SUCCESS", "WARNING", "FAILED", "KILLED", "CANCELLED", "RETRIED"]
_UNQUEUED = Literal["RUNNING", "CANCELLED", "FAILED"]
_LABELS = json_body(list[Label], "labels, each with its key and value")
_REVISION = Parameter("revision", "of the flow, if not the one that ran; it is then another execution", int)
_ACTS = (
    _Act(
        "kill",
        "Kill",
        "Its running attempts are stopped.",
        method="DELETE",
        older_status=202,
        parameters=(_CASCADE,),
    ),
    _Act(
        "restart",
        "Restart",
        "The same execution continues. Task runs that succeeded stay; those that failed run again.",
        " that failed",
        parameters=(_REVISION,),
    ),
    _Act(
        "pause",
        "Pause",
        "Nothing begins until it is resumed. Running attempts go on.",
        " that runs",
        older_status=204,
    ),
    _Act(
        "resume",
        "Resume",
        "Its first paused task run goes on, and so does the execution once no task run is paused.",
        " that is paused",
        older_status=204,
        body=_ASKED,
    ),
    _Act(
        "resume-from-breakpoint",
        "Resume from its breakpoint",
        "The task run that stopped there begins, and so does everything that waited for it.",
        " that is suspended",
        parameters=(BREAKPOINTS,),
        one_only=True,
    ),
    _Act(
        "force-run",
        "Force to run",
        "What waits for a slot or a date runs now, what is paused is resumed, everything else goes on.",
        " that has not ended",
    ),
    _Act(
        "unqueue",
        "Unqueue",
        "It runs whatever the limit, or ends.",
        " that is queued",
        parameters=(Parameter("state", "what it becomes; default: RUNNING", _UNQUEUED),),
        ids_parameters=(Parameter("state", "what they become; default: RUNNING", _UNQUEUED),),
        bulk_parameters=(Parameter("newState", "what they become; default: RUNNING", _UNQUEUED),),
    ),
    _Act(
        "change-status",
        "Change the final state of",
        "No task run changes.",
        " that has ended",
        parameters=(Parameter("status", "its new final state", _FINAL, required=True),),
        ids_parameters=(Parameter("newStatus", "their new final state", _FINAL, required=True),),
        bulk_parameters=(Parameter("newStatus", "their new final state", _FINAL, required=True),),
    ),
    _Act(
        "state",
        "Give a state to a task run of",
        "The execution is restarted, and goes on from there. A paused task run gets the state and is no longer paused.",
        body=json_body(TaskRunState, "the task run and its new state"),
        one_only=True,
    ),
    _Act(
        "labels",
        "Set labels of",
        "All labels are replaced, but for those of the system. On many executions, labels with other keys stay.",
        " that has ended",
        body=_LABELS,
        bulk_body=_LABELS,
        ids_body=json_body(LabelledExecutions, "executions and their labels"),
    ),
)


def _operations(act: _Act) -> Operations:
    older = (
        (Answer((), "Done", 204),)
        if act.older_status == 204
        else (Answer((Content("application/json", Execution),), "The execution", act.older_status),)
    )
    name, which = _camel(act.name), act.which
    other = (
        ""
        if act.method == "DELETE"
        else (
            f" If no execution has this id, it executes the flow `{act.name}` in the namespace of this name."
        )
    )
    many = f"executions{which.replace(' is ', ' are ').replace(' has ', ' have ').replace(' runs', ' run')}"
    more = (413, 415) if act.body is not None else ()
    bulk: Operations = {
        (act.method, f"{_ROOT}/{act.name}/by-ids"): Operation(
            f"{name}ExecutionsByIds",
            f"{act.verb} {many}",
            _BULK,
            "",
            act.ids_body,
            act.ids_parameters,
            (400, 422),
        ),
        (act.method, f"{_ROOT}/{act.name}/by-query"): Operation(
            f"{name}ExecutionsByQuery",
            f"{act.verb} {many}, of those that match",
            _BULK,
            _SELECTION,
            act.bulk_body,
            parameters=(*act.bulk_parameters, *selected(EXECUTIONS)),
            errors=(400, 422),
        ),
    }
    return ({} if act.one_only else bulk) | {
        (act.method, f"{_ROOT}/{{execution}}/actions/{act.name}"): Operation(
            f"{name}Execution",
            f"{act.verb} an execution{which}",
            _ONE,
            act.meaning,
            act.body,
            act.parameters,
            (400, 404, 409, 422, *more),
        ),
        (act.method, f"{_ROOT}/{{execution}}/{act.name}"): Operation(
            f"{name}ExecutionOlder",
            f"{act.verb} an execution{which}, by its older path",
            older,
            f"{act.meaning}{other}",
            act.body,
            act.parameters,
            (400, 404, 422, *more),
            deprecated=True,
        ),
    }


def _camel(name: str) -> str:
    first, *rest = name.split("-")
    return first + "".join(word.capitalize() for word in rest)


def _validations() -> Operations:
    checked = json_answer(ValidatedInputs, "Each input with its value and what is wrong with it")
    errors = (400, 404, 409, 413, 415)
    return {
        ("POST", f"{_ROOT}/{{execution}}/actions/resume/validate"): Operation(
            "validateResumeExecutionInputs",
            "Check the inputs of a resume without resuming anything",
            checked,
            "",
            _ASKED,
            errors=errors,
        ),
        ("POST", f"{_ROOT}/{{execution}}/resume/validate"): Operation(
            "validateResumeExecutionInputsOlder",
            "Check the inputs of a resume, by its older path",
            checked,
            "",
            _ASKED,
            errors=errors,
            deprecated=True,
        ),
    }


def _replays() -> Operations:
    again = json_answer(Execution, "The new execution")
    inputs = Body(
        (Content("multipart/form-data", dict[str, str]),),
        "one part for each input; those that are missing take their defaults",
        required=False,
    )
    parameters = (
        BREAKPOINTS,
        Parameter("taskRunId", "the task run that runs again, with everything after it; default: all of it"),
        Parameter("revision", "of the flow, if not the one that ran", int),
    )
    latest = Parameter("latestRevision", "run the latest revision of each flow", bool)
    errors = (400, 404, 409, 413, 415, 422)
    found: Operations = {
        ("POST", f"{_ROOT}/replay/by-ids"): Operation(
            "replayExecutionsByIds", "Replay executions", _BULK, "", _IDS, (latest,), (400, 404, 409, 422)
        ),
        ("POST", f"{_ROOT}/replay/by-query"): Operation(
            "replayExecutionsByQuery",
            "Replay executions that match",
            _BULK,
            _SELECTION,
            parameters=(latest, *selected(EXECUTIONS)),
            errors=(400, 404, 409, 422),
        ),
    }
    for name, verb, body in (
        ("replay", "Replay an execution", None),
        ("replay-with-inputs", "Replay an execution with other inputs", inputs),
    ):
        for place, older in (("actions/", False), ("", True)):
            found["POST", f"{_ROOT}/{{execution}}/{place}{name}"] = Operation(
                f"{_camel(name)}Execution{'Older' if older else ''}",
                f"{verb}, by its older path" if older else verb,
                again,
                "It is a new execution. The one that is repeated gets the label `system.replayed`.",
                body,
                parameters,
                errors,
                deprecated=older,
            )
    return found


_EXTENT = (
    Parameter("deleteLogs", "whether log lines go, too; default: `true`", bool),
    Parameter("deleteMetrics", "whether metrics go, too; default: `true`", bool),
    Parameter("deleteStorage", "whether files in internal storage go, too; default: `true`", bool),
)
_OPEN = Parameter(
    "includeNonTerminated", "whether those that still run are killed and deleted; default: `false`", bool
)
_DELETIONS: Operations = {
    ("DELETE", f"{_ROOT}/by-ids"): Operation(
        "deleteExecutionsByIds",
        "Delete executions",
        _BULK,
        "An execution that still runs is refused without `includeNonTerminated`.",
        _IDS,
        (_OPEN, *_EXTENT),
        (400, 409, 422, 504),
    ),
    ("DELETE", f"{_ROOT}/by-query"): Operation(
        "deleteExecutionsByQuery",
        "Delete executions that match",
        _BULK,
        _SELECTION,
        parameters=(_OPEN, *_EXTENT, *selected(EXECUTIONS)),
        errors=(400, 409, 422, 504),
    ),
    ("DELETE", f"{_ROOT}/{{execution}}"): Operation(
        "deleteExecution",
        "Delete an execution",
        (Answer((), "Deleted, with its task runs", 204),),
        "If it still runs, it is killed first.",
        parameters=_EXTENT,
        errors=(400, 404, 409, 504),
    ),
}

ACTIONS_TAG = Tag(
    "Execution actions",
    "What one does to executions.",
    {key: each for act in _ACTS for key, each in _operations(act).items()}
    | _validations()
    | _replays()
    | _DELETIONS,
)
