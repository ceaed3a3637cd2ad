"""The trigger of SQS, polled by the worker's own runner, against moto's server."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.example import example
from tests.support.polled import Polled
from tests.unit.toccata.plugins.families.aws.test_services import Account, account, address
from toccata.plugins.families.aws import sqs

__all__ = ["account", "address"]
pytestmark = pytest.mark.anyio


def a_queue(account: Account, name: str, *bodies: str) -> str:
    client = account.client("sqs")
    queue: str = client.create_queue(QueueName=name)["QueueUrl"]
    for body in bodies:
        client.send_message(QueueUrl=queue, MessageBody=body)
    return queue


def left(account: Account, queue: str) -> int:
    """Messages that are in the queue, seen or not."""
    wanted = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = account.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=wanted)["Attributes"]
    return sum(int(each) for each in found.values())


def polled(account: Account, queue: str, **more: Any) -> Polled:
    return Polled(
        account.bench, sqs.TRIGGER, {**account.sign_in, "queueUrl": queue, "maxRecords": 20, **more}
    )


async def test_messages_start_one_execution_and_are_deleted(account: Account) -> None:
    queue = a_queue(account, "some")
    trigger = polled(account, queue)
    assert await trigger.found() == []
    for number in range(12):
        account.client("sqs").send_message(QueueUrl=queue, MessageBody=str(number))
    found = await trigger.one()
    assert found["count"] == 12
    assert sorted(await account.rows(found["uri"]), key=int) == [str(number) for number in range(12)]
    assert left(account, queue) == 0
    assert await trigger.found() == []
    assert example(sqs.TRIGGER)["serdeType"] == "JSON"


async def test_what_nobody_heard_of_is_reported_once_more_under_the_same_id(account: Account) -> None:
    queue = a_queue(account, "lost", "a")
    trigger = polled(account, queue)
    [lost] = await trigger.found(lost=True)
    account.client("sqs").send_message(QueueUrl=queue, MessageBody="b")
    [again] = await trigger.found()
    assert (again.id, again.variables) == (lost.id, lost.variables)
    [following] = await trigger.found()
    assert await account.rows(following.variables["uri"]) == ["b"]
    assert following.id != lost.id


async def test_messages_that_are_kept_stay_in_the_queue(account: Account) -> None:
    queue = a_queue(account, "kept", '{"order": 1}')
    trigger = polled(account, queue, autoDelete=False, serdeType="JSON")
    assert await account.rows((await trigger.one())["uri"]) == [{"order": 1}]
    assert left(account, queue) == 1


async def test_a_poll_takes_no_more_than_it_may(account: Account) -> None:
    queue = a_queue(account, "many", *"abc")
    trigger = polled(account, queue, maxRecords=2)
    assert [(await trigger.one())["count"] for _ in range(2)] == [2, 1]
    endless = Polled(account.bench, sqs.TRIGGER, {**account.sign_in, "queueUrl": queue})
    assert "'maxDuration' or 'maxRecords'" in await endless.why()
