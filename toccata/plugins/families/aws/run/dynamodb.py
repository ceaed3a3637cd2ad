"""``aws.dynamodb.*``: JSON values to attributes and back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import Binary, TypeDeserializer, TypeSerializer

from toccata.plugin import NotJson, Outputs, RunContext, TaskFailed, given_rows, read_json
from toccata.plugins.families.aws import dynamodb as declared
from toccata.plugins.families.aws.run.client import Client, connected


async def run_put_item(task: declared.PutItem, run: RunContext) -> Outputs:
    del run
    item = _item(task.item)
    async with connected(task, "dynamodb") as aws:
        await aws.call(
            task.table_name, lambda client: client.put_item(TableName=task.table_name, Item=attributes(item))
        )
    return {}


def _item(given: Any) -> Mapping[str, Any]:
    if isinstance(given, str):
        try:
            given = read_json(given)
        except NotJson as error:
            raise TaskFailed(f"item: is not JSON: {error}") from None
    if not isinstance(given, Mapping):
        raise TaskFailed(f"item: must be a map, not {given!r:.100}")
    return given


async def run_get_item(task: declared.GetItem, run: RunContext) -> Outputs:
    del run
    async with connected(task, "dynamodb") as aws:
        answer = await aws.call(
            task.table_name,
            lambda client: client.get_item(TableName=task.table_name, Key=attributes(task.key)),
        )
    return {"row": values(answer["Item"])} if "Item" in answer else {}


async def run_delete_item(task: declared.DeleteItem, run: RunContext) -> Outputs:
    del run
    async with connected(task, "dynamodb") as aws:
        await aws.call(
            task.table_name,
            lambda client: client.delete_item(TableName=task.table_name, Key=attributes(task.key)),
        )
    return {}


async def run_query(task: declared.Query, run: RunContext) -> Outputs:
    asked = {
        "KeyConditionExpression": task.key_condition_expression,
        "ExpressionAttributeValues": attributes(task.expression_attribute_values),
    }
    async with connected(task, "dynamodb") as aws:
        return await _counted(run, task, _pages(aws, task, "query", asked))


async def run_scan(task: declared.Scan, run: RunContext) -> Outputs:
    given = task.expression_attribute_values
    asked = {"ExpressionAttributeValues": attributes(given)} if given else {}
    async with connected(task, "dynamodb") as aws:
        return await _counted(run, task, _pages(aws, task, "scan", asked))


async def _counted(
    run: RunContext, task: declared.Search, pages: AsyncIterator[list[dict[str, Any]]]
) -> Outputs:
    outputs = await given_rows(run, task.fetch_type, pages)
    run.metric("counter", "records", outputs.get("size", 0), {"tableName": task.table_name})
    return outputs


async def _pages(
    aws: Client, task: declared.Search, operation: str, asked: dict[str, Any]
) -> AsyncIterator[list[dict[str, Any]]]:
    """With ``limit``, one request, as the service counts what it looks at. Without it, all pages."""
    asked = {"TableName": task.table_name, **asked}
    if task.filter_expression is not None:
        asked["FilterExpression"] = task.filter_expression
    if task.limit is not None:
        asked["Limit"] = task.limit
    while True:
        answer = await aws.call(task.table_name, lambda client: getattr(client, operation)(**asked))
        yield [values(each) for each in answer["Items"]]
        if task.limit is not None or "LastEvaluatedKey" not in answer:
            return
        asked["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def attributes(given: Mapping[str, Any]) -> dict[str, Any]:
    """Raise TaskFailed for a value that has no form there."""
    write = TypeSerializer().serialize
    try:
        return {name: write(_exact(value)) for name, value in given.items()}
    except (TypeError, ArithmeticError) as error:
        raise TaskFailed(f"a value cannot be stored: {error}") from None


def _exact(value: Any) -> Any:
    """The service takes decimals, and no floats."""
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, Mapping):
        return {str(name): _exact(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_exact(each) for each in value]
    return value


def values(item: Mapping[str, Any]) -> dict[str, Any]:
    read = TypeDeserializer().deserialize
    return {name: _plain(read(value)) for name, value in item.items()}


def _plain(value: Any) -> Any:
    """As outputs and rows may hold it: whole numbers as such, sets as lists in order, bytes in hexadecimal."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, set):
        return sorted((_plain(each) for each in value), key=str)
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, Binary):
        return value.value.hex()
    return value
