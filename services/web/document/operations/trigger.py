"""Triggers and their backfills."""

from __future__ import annotations

from services.web.core.search.resource import TRIGGERS
from services.web.document.operation import (
    Answer,
    Body,
    Content,
    Operation,
    Parameter,
    Tag,
    file_answer,
    json_answer,
    json_body,
)
from services.web.document.parameters import PAGE, SIZE, searched, selected
from services.web.document.schema.base import Count, Page
from services.web.document.schema.trigger import (
    TriggerBackfill,
    TriggerChange,
    TriggerFilters,
    TriggerItem,
    TriggerKey,
    TriggerState,
    TriggerSwitch,
    TriggerSwitches,
)

_TRIGGERS = "/api/v1/main/triggers"
_STATE = json_answer(TriggerState, "The trigger's state")
_BACKFILL = f"{_TRIGGERS}/backfill"
_ANEW = "Each begins anew, as if its flow were saved now: enabled, without a lock and without a backfill."


def _backfill(method: str, path: str, name: str, verb: str) -> dict[tuple[str, str], Operation]:
    """The operations that change backfills: of one trigger, of listed ones, of those that match."""
    many = json_answer(Count, "The number of triggers that had a backfill")
    return {
        (method, f"{_BACKFILL}/{path}"): Operation(
            name, f"{verb} the backfill of a trigger", _STATE, "", json_body(TriggerKey, "the trigger"),
            errors=(400, 404, 409, 422, 504),
        ),
        ("POST", f"{_BACKFILL}/{path}/by-triggers"): Operation(
            f"{name}ByIds", f"{verb} the backfills of triggers", many, "Triggers without one are passed over.",
            json_body(list[TriggerKey], "the triggers"), errors=(400, 404, 409, 422, 504),
        ),
        ("POST", f"{_BACKFILL}/{path}/by-query"): Operation(
            f"{name}ByQuery", f"{verb} the backfills of triggers that match", many,
            "At least one filter is required. Unknown parameters are refused.", parameters=selected(TRIGGERS),
            errors=(400, 404, 409, 422, 504),
        ),
    }  # fmt: skip


TRIGGERS_TAG = Tag(
    "Triggers",
    "Triggers and their states.",
    {
        ("GET", f"{_TRIGGERS}/search"): Operation(
            "searchTriggers", "Search triggers", json_answer(Page[TriggerItem], "A page of triggers"),
            parameters=searched(TRIGGERS), errors=(422,),
        ),
        ("GET", f"{_TRIGGERS}/{{namespace}}/{{flow_id}}"): Operation(
            "searchTriggersForFlow", "Triggers of a flow", json_answer(Page[TriggerState], "A page of states"),
            parameters=(PAGE, SIZE, Parameter("q", "text to look for")), errors=(422,),
        ),
        ("PUT", f"{_TRIGGERS}/set-disabled"): Operation(
            "disabledTrigger", "Enable or disable a trigger", _STATE, "", json_body(TriggerSwitch, "the trigger and its new setting"),
            errors=(404, 409, 422, 504),
        ),
        ("PUT", _TRIGGERS): Operation(
            "updateTrigger", "Enable or disable a trigger, or create a backfill, by their older path", _STATE, "With `backfill` it creates one, and `disabled` changes nothing.",
            json_body(TriggerChange, "the trigger and its new setting, or its backfill"), errors=(400, 404, 409, 422, 504), deprecated=True,
        ),
        ("POST", f"{_TRIGGERS}/set-disabled/by-triggers"): Operation(
            "disabledTriggersByIds", "Enable or disable triggers", json_answer(Count, "How many"),
            "Nothing changes unless all of them exist.", json_body(TriggerSwitches, "the triggers and their new setting"),
            errors=(404, 409, 422, 504),
        ),
        ("POST", f"{_TRIGGERS}/set-disabled/by-query"): Operation(
            "disabledTriggersByQuery", "Enable or disable triggers that match", json_answer(Count, "How many"),
            "At least one filter is required. Unknown parameters are refused.",
            parameters=(Parameter("disabled", "the new setting; default: `true`", bool), *selected(TRIGGERS)), errors=(400, 404, 409, 422, 504),
        ),
        ("GET", f"{_TRIGGERS}/export/by-query/csv"): Operation(
            "exportTriggersAsCsv", "Triggers as CSV", file_answer("text/csv", "One line for each trigger"), parameters=selected(TRIGGERS),
            errors=(400, 422),
        ),
        ("POST", f"{_TRIGGERS}/unlock/by-triggers"): Operation(
            "unlockTriggersByIds", "Unlock triggers that executions lock", json_answer(Count, "The number of triggers that were locked"),
            "Nothing changes unless all of them exist.", json_body(list[TriggerKey], "the triggers"), errors=(404, 409, 422, 504),
        ),
        ("POST", f"{_TRIGGERS}/unlock/by-query"): Operation(
            "unlockTriggersByQuery", "Unlock triggers that match", json_answer(Count, "The number of triggers that were locked"),
            "At least one filter is required. Unknown parameters are refused.", parameters=selected(TRIGGERS),
            errors=(400, 404, 409, 422, 504),
        ),
        ("POST", f"{_TRIGGERS}/{{namespace}}/{{flow_id}}/{{trigger_id}}/unlock"): Operation(
            "unlockTrigger", "Unlock a trigger that an execution locks", _STATE, errors=(404, 409, 504),
        ),
        ("POST", f"{_TRIGGERS}/{{namespace}}/{{flow_id}}/{{trigger_id}}/restart"): Operation(
            "restartTrigger", "Give a trigger that seems to stand still its next date again", _STATE, errors=(404, 504),
        ),
        ("DELETE", f"{_TRIGGERS}/{{namespace}}/{{flow_id}}/{{trigger_id}}"): Operation(
            "deleteTrigger", "Drop the state of a trigger", (Answer((), "Dropped", 204),), _ANEW, errors=(404, 409, 504),
        ),
        ("DELETE", f"{_TRIGGERS}/delete/by-triggers"): Operation(
            "deleteTriggersByIds", "Drop the states of triggers", json_answer(Count, "How many"),
            f"{_ANEW} Those that executions lock are passed over.", json_body(list[TriggerKey], "the triggers"), errors=(404, 409, 422, 504),
        ),
        ("DELETE", f"{_TRIGGERS}/delete/by-query"): Operation(
            "deleteTriggersByQuery", "Drop the states of triggers that match", json_answer(Count, "How many"),
            f"{_ANEW} Those that executions lock are passed over. At least one filter is required, in the query or in the body.",
            Body((Content("application/json", TriggerFilters),), "the filters", required=False), selected(TRIGGERS), errors=(400, 404, 409, 422, 504),
        ),
        ("PUT", f"{_BACKFILL}/create"): Operation(
            "createBackfill", "Run the dates of a schedule from one instant to another", _STATE,
            "The dates run in order, as the schedule would have run them. The schedule itself waits until the last one has started.",
            json_body(TriggerBackfill, "the trigger and its backfill"), errors=(400, 404, 409, 422, 504),
        ),
        **_backfill("PUT", "pause", "pauseBackfill", "Pause"),
        **_backfill("PUT", "unpause", "unpauseBackfill", "Continue"),
        **_backfill("POST", "delete", "deleteBackfill", "Delete"),
    },
)  # fmt: skip
