"""``aws.eventbridge.*``"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from toccata.plugin import Outputs, RunContext, TaskFailed, row_file, taken_rows, write_json
from toccata.plugins.families.aws import streams as declared
from toccata.plugins.families.aws.run.client import connected
from toccata.plugins.families.aws.run.message import message

_MOST = 10
"""Events in a request, as the service says."""
_NEEDED = ("eventBusName", "source", "detailType", "detail")


async def run_put_events(task: declared.PutEvents, run: RunContext) -> Outputs:
    events = [
        message(_lower(row), "entries", *_NEEDED) async for row in taken_rows(run, task.entries, "entries")
    ]
    if not events:
        raise TaskFailed("entries: there must be at least one event")
    failed: list[str] = []
    async with connected(task, "events") as aws, row_file(run) as file:
        for at in range(0, len(events), _MOST):
            some = events[at : at + _MOST]
            answers = await aws.call("EventBridge", _put, some)
            await file.write([_answered(event, answer) for event, answer in zip(some, answers, strict=True)])
            failed += [str(each.get("ErrorMessage")) for each in answers if each.get("ErrorCode")]
        run.metric("counter", "failedEntryCount", len(failed))
        run.metric("counter", "successfulEntryCount", len(events) - len(failed))
        run.metric("counter", "entryCount", len(events))
        if failed:
            text = f"{len(failed)} of {len(events)} events were refused, the first with: {failed[0]}"
            if task.fail_on_unsuccessful_events:
                raise TaskFailed(text)
            run.warn(text)
        return {"uri": await file.stored(), "failedEntryCount": len(failed), "entryCount": len(events)}


def _lower(row: object) -> object:
    """Names may also begin with a capital, as the service writes them."""
    if not isinstance(row, Mapping):
        return row
    return {f"{str(name)[:1].lower()}{str(name)[1:]}": value for name, value in row.items()}


def _put(client: Any, events: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    entries = []
    for each in events:
        detail = each["detail"]
        entry = {
            "EventBusName": each["eventBusName"],
            "Source": each["source"],
            "DetailType": each["detailType"],
            "Detail": detail if isinstance(detail, str) else write_json(detail).decode(),
        }
        if each.get("resources"):
            entry["Resources"] = list(each["resources"])
        entries.append(entry)
    return list(client.put_events(Entries=entries)["Entries"])


def _answered(event: Mapping[str, Any], answer: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "eventId": answer.get("EventId"),
        "errorCode": answer.get("ErrorCode"),
        "errorMessage": answer.get("ErrorMessage"),
        "entry": dict(event),
    }
