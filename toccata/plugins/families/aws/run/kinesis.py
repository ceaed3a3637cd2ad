"""``aws.kinesis.*``"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from toccata.plugin import Outputs, RunContext, TaskFailed, row_file, taken_rows, write_json
from toccata.plugins.families.aws import streams as declared
from toccata.plugins.families.aws.run.client import Client, connected
from toccata.plugins.families.aws.run.message import message

_MOST = 500
"""Records in a request, as the service says."""


async def run_put_records(task: declared.PutRecords, run: RunContext) -> Outputs:
    if not task.stream_arn and not task.stream_name:
        raise TaskFailed("Either streamName or streamArn has to be set.")
    stream = {"StreamARN": task.stream_arn} if task.stream_arn else {"StreamName": task.stream_name}
    failed, first, waiting = 0, "", list[Mapping[str, Any]]()
    async with connected(task, "kinesis") as aws, row_file(run) as file:

        async def send() -> tuple[int, str]:
            answers = await aws.call(next(iter(stream.values())) or "", _put, stream, waiting)
            await file.write(
                [_answered(record, answer) for record, answer in zip(waiting, answers, strict=True)]
            )
            errors = [str(each["ErrorMessage"]) for each in answers if each.get("ErrorCode")]
            return len(errors), errors[0] if errors else ""

        async for row in taken_rows(run, task.records, "records"):
            waiting.append(message(row, "records", "partitionKey", "data"))
            if len(waiting) == _MOST:
                more, why = await send()
                failed, first, waiting = failed + more, first or why, []
        if waiting:
            more, why = await send()
            failed, first = failed + more, first or why
        _judge(run, failed, file.count, first, fails=task.fail_on_unsuccessful_records)
        return {"uri": await file.stored(), "failedRecordsCount": failed, "recordCount": file.count}


def _judge(run: RunContext, failed: int, count: int, first: str, *, fails: bool) -> None:
    run.metric("counter", "record.failed", failed)
    run.metric("counter", "record.successful", count - failed)
    run.metric("counter", "record.count", count)
    if failed:
        text = f"{failed} of {count} records were refused, the first with: {first}"
        if fails:
            raise TaskFailed(text)
        run.warn(text)


def _put(client: Any, stream: dict[str, Any], records: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    entries = []
    for each in records:
        data = each["data"]
        entry = {
            "Data": data.encode() if isinstance(data, str) else write_json(data),
            "PartitionKey": str(each["partitionKey"]),
        }
        if each.get("explicitHashKey") is not None:
            entry["ExplicitHashKey"] = str(each["explicitHashKey"])
        entries.append(entry)
    return list(client.put_records(Records=entries, **stream)["Records"])


def _answered(record: Mapping[str, Any], answer: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "sequenceNumber": answer.get("SequenceNumber"),
        "shardId": answer.get("ShardId"),
        "errorCode": answer.get("ErrorCode"),
        "errorMessage": answer.get("ErrorMessage"),
        "record": dict(record),
    }


async def run_consume(task: declared.ConsumeRecords, run: RunContext) -> Outputs:
    end = time.monotonic() + task.max_duration.total_seconds()
    last: dict[str, str] = {}
    async with connected(task, "kinesis") as aws, row_file(run) as file:
        for shard in await aws.call(task.stream_name, _shards, task.stream_name):
            iterator: str | None = await aws.call(task.stream_name, _iterator, task, shard)
            while iterator is not None:
                found, iterator = await _records(aws, task, iterator, task.max_records - file.count)
                await file.write([_row(each, shard) for each in found])
                if found:
                    last[shard] = found[-1]["SequenceNumber"]
                if file.count >= task.max_records or time.monotonic() > end:
                    break
                await asyncio.sleep(task.poll_duration.total_seconds())
        run.metric("counter", "records", file.count)
        return {"uri": await file.stored(), "count": file.count, "lastSequencePerShard": last}


def _shards(client: Any, stream: str) -> list[str]:
    answer = client.list_shards(StreamName=stream)
    found = list(answer["Shards"])
    while answer.get("NextToken"):
        answer = client.list_shards(NextToken=answer["NextToken"])
        found += answer["Shards"]
    return [each["ShardId"] for each in found]


def _iterator(client: Any, task: declared.ConsumeRecords, shard: str) -> str:
    asked: dict[str, Any] = {
        "StreamName": task.stream_name,
        "ShardId": shard,
        "ShardIteratorType": task.iterator_type,
    }
    start = task.starting_sequence_number
    if task.iterator_type == "AT_TIMESTAMP":
        try:
            asked["Timestamp"] = datetime.fromisoformat(start or "")
        except ValueError:
            raise TaskFailed(
                f"startingSequenceNumber: `{start}` is no time as 2026-01-31T12:00:00Z, which AT_TIMESTAMP needs"
            ) from None
    elif start is not None:
        asked["StartingSequenceNumber"] = start
    return str(client.get_shard_iterator(**asked)["ShardIterator"])


async def _records(
    aws: Client, task: declared.ConsumeRecords, iterator: str, most: int
) -> tuple[list[dict[str, Any]], str | None]:
    answer = await aws.call(
        task.stream_name,
        lambda client: client.get_records(ShardIterator=iterator, Limit=min(most, 1000)),
    )
    return list(answer["Records"]), answer.get("NextShardIterator")


def _row(record: Mapping[str, Any], shard: str) -> dict[str, Any]:
    return {
        "data": record["Data"].decode("utf-8", "replace"),
        "partitionKey": record["PartitionKey"],
        "sequenceNumber": record["SequenceNumber"],
        "shardId": shard,
        "approximateArrivalTimestamp": record.get("ApproximateArrivalTimestamp"),
    }
