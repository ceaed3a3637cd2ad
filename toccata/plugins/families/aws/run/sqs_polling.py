"""The polls of ``aws.sqs.Trigger``.

A poll puts messages into a file, and then notes in the flow's namespace what it is going to report, and which messages that takes.
Only after that it deletes them. If its worker dies before the note, the queue shows the messages again after their
``visibilityTimeout``. If it dies after it, the next poll reports the same event once more under the same id.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from toccata.plugin import KeyMissing, RunContext, TaskFailed, TriggerEvent, row_file
from toccata.plugins.families.aws.run.client import Client, connected
from toccata.plugins.families.aws.run.sqs import MOST, delete, read_body, receive
from toccata.plugins.families.aws.sqs import Trigger

MOST_MESSAGES = 1000
"""Of one poll: a note must stay small."""


async def poll(trigger: Trigger, run: RunContext) -> Sequence[TriggerEvent]:
    if trigger.max_records is None and trigger.max_duration is None:
        raise TaskFailed("'maxDuration' or 'maxRecords' must be set to avoid an infinite loop")
    async with connected(trigger, "sqs") as aws:
        note = await _noted(run)
        if note is not None and note["id"] not in run.evaluation.accepted:
            run.log("INFO", "Reports messages again, because nobody heard of the poll that got them")
            return [await _finished(aws, trigger, note)]
        async with row_file(run) as file:
            found = await _gathered(aws, trigger, file)
            if not found:
                if note is not None:
                    await run.values.delete(_key(run))
                return []
            variables = {"count": file.count, "uri": await file.stored()}
        run.metric("counter", "records", len(found), {"queue": trigger.queue_url})
        if not trigger.auto_delete:
            return [TriggerEvent(variables=variables)]
        handles = [each["ReceiptHandle"] for each in found]
        note = {"id": run.evaluation.id, "handles": handles, "variables": variables}
        await run.values.set(_key(run), note, kind="JSON")
        return [await _finished(aws, trigger, note)]


async def _gathered(aws: Client, trigger: Trigger, file: Any) -> list[dict[str, Any]]:
    """Until there is none, or enough. Those that are held must not come again meanwhile."""
    limits = [trigger.visibility_timeout / 2]
    if trigger.max_duration is not None:
        limits.append(trigger.max_duration.total_seconds())
    end = time.monotonic() + min(limits)
    most = min(trigger.max_records or MOST_MESSAGES, MOST_MESSAGES)
    found: list[dict[str, Any]] = []
    while len(found) < most:
        page = await aws.call(trigger.queue_url, receive, trigger, min(MOST, most - len(found)))
        if not page:
            break
        await file.write([read_body(each["Body"], trigger.serde_type) for each in page])
        found += page
        if time.monotonic() > end:
            break
    return found


async def _finished(aws: Client, trigger: Trigger, note: Mapping[str, Any]) -> TriggerEvent:
    handles = [{"ReceiptHandle": each} for each in note["handles"]]
    for at in range(0, len(handles), MOST):
        await aws.call(trigger.queue_url, delete, trigger.queue_url, handles[at : at + MOST])
    return TriggerEvent(id=note["id"], variables=note["variables"])


async def _noted(run: RunContext) -> Mapping[str, Any] | None:
    try:
        value = await run.values.get(_key(run))
    except KeyMissing:
        return None
    if not isinstance(value, Mapping) or not {"id", "handles", "variables"} <= value.keys():
        raise TaskFailed(f"the value `{_key(run)}` of the namespace is no memory of a trigger: delete it")
    return value


def _key(run: RunContext) -> str:
    flow, trigger = run.variables.get("flow") or {}, run.variables.get("trigger") or {}
    return "_".join(str(part) for part in (flow.get("namespace"), flow.get("id"), trigger.get("id")))
