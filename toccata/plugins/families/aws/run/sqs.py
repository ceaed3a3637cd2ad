"""``aws.sqs.*``"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from toccata.plugin import (
    NotJson,
    Outputs,
    RunContext,
    TaskFailed,
    read_json,
    row_file,
    taken_rows,
    write_json,
)
from toccata.plugins.families.aws import sqs as declared
from toccata.plugins.families.aws.run.client import Client, connected
from toccata.plugins.families.aws.run.message import message

MOST = 10
"""Messages in a request, as the service says."""
_MOST_BYTES = 200 * 1024
_WAIT_SECONDS = 1


async def run_publish(task: declared.Publish, run: RunContext) -> Outputs:
    count, size, waiting = 0, 0, list[dict[str, Any]]()
    async with connected(task, "sqs") as aws:
        async for row in taken_rows(run, task.from_):
            entry = _entry(message(row, "from"), count)
            room = len(entry["MessageBody"])
            if waiting and (len(waiting) == MOST or size + room > _MOST_BYTES):
                await _send(aws, task.queue_url, waiting)
                waiting, size = [], 0
            waiting.append(entry)
            count, size = count + 1, size + room
        if waiting:
            await _send(aws, task.queue_url, waiting)
    run.metric("counter", "sqs.publish.messages", count)
    return {"messagesCount": count}


def _entry(said: Mapping[str, Any], number: int) -> dict[str, Any]:
    data = said["data"]
    found = {
        "Id": str(number),
        "MessageBody": data if isinstance(data, str) else write_json(data).decode(),
        "MessageGroupId": said.get("groupId"),
        "MessageDeduplicationId": said.get("deduplicationId"),
        "DelaySeconds": said.get("delaySeconds"),
    }
    return {name: value for name, value in found.items() if value is not None}


async def _send(aws: Client, queue: str, entries: list[dict[str, Any]]) -> None:
    answer = await aws.call(queue, lambda client: client.send_message_batch(QueueUrl=queue, Entries=entries))
    for each in answer.get("Failed", []):
        raise TaskFailed(f"{queue}: message {each['Id']} is refused: {each.get('Message') or each['Code']}")


async def run_consume(task: declared.Consume, run: RunContext) -> Outputs:
    if task.max_records is None and task.max_duration is None:
        raise TaskFailed("'maxDuration' or 'maxRecords' must be set to avoid an infinite loop")
    end = None if task.max_duration is None else time.monotonic() + task.max_duration.total_seconds()
    async with connected(task, "sqs") as aws, row_file(run) as file:
        while task.max_records is None or file.count < task.max_records:
            wanted = MOST if task.max_records is None else min(MOST, task.max_records - file.count)
            found = await aws.call(task.queue_url, receive, task, wanted)
            await file.write([read_body(each["Body"], task.serde_type) for each in found])
            if found and task.auto_delete:
                await aws.call(task.queue_url, delete, task.queue_url, found)
            if not file.count or (end is not None and time.monotonic() > end):
                break
        run.metric("counter", "records", file.count, {"queue": task.queue_url})
        return {"count": file.count, "uri": await file.stored()}


def receive(client: Any, task: declared.Consume, most: int) -> list[dict[str, Any]]:
    answer = client.receive_message(
        QueueUrl=task.queue_url,
        MaxNumberOfMessages=most,
        VisibilityTimeout=task.visibility_timeout,
        WaitTimeSeconds=_WAIT_SECONDS,
    )
    return list(answer.get("Messages", []))


def delete(client: Any, queue: str, found: list[dict[str, Any]]) -> None:
    entries = [{"Id": str(at), "ReceiptHandle": each["ReceiptHandle"]} for at, each in enumerate(found)]
    answer = client.delete_message_batch(QueueUrl=queue, Entries=entries)
    for each in answer.get("Failed", []):
        raise TaskFailed(f"{queue}: a message is not deleted: {each.get('Message') or each['Code']}")


def read_body(text: str, serde: str) -> Any:
    if serde == "STRING":
        return text
    try:
        return read_json(text)
    except NotJson as error:
        raise TaskFailed(f"serdeType: a message is no JSON: {error}") from None
