"""Amazon's other services on the worker's own runner, against moto's server: HTTP, signatures and answers as Amazon sends them."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import boto3
import pytest
from moto.core.config import default_user_config
from moto.server import ThreadedMotoServer

from contracts.execution import AttemptEnded
from contracts.language.encrypted import decrypted
from tests.support.attempt import Bench
from tests.support.example import example
from tests.support.http_server import Give, always, http_server
from tests.support.outcome import good, why
from toccata.plugin import TaskType, read_row
from toccata.plugins.families.aws import compute, dynamodb, sqs, streams, watch
from toccata.runtime.encryption import Cipher, new_key

REGION = "eu-central-1"
SECRETS = {
    f"SECRET_{name}": b64encode(value.encode()).decode()
    for name, value in {"AWS_KEY_ID": "AKIA0", "AWS_KEY": "hidden-key"}.items()
}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    default_user_config["lambda"] = {"use_docker": False}
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


class Account:
    """One worker with an account of its own at the services."""

    def __init__(self, folder: Path, address: str) -> None:
        self.bench = Bench(folder, SECRETS)
        self.cipher = Cipher(new_key())
        object.__setattr__(self.bench.shared, "cipher", self.cipher)
        self.address = address
        self.tell("reset", b"")
        self.sign_in = {
            "region": REGION,
            "accessKeyId": "AKIA0",
            "secretKeyId": "{{ secret('AWS_KEY') }}",
            "endpointOverride": address,
        }

    def tell(self, path: str, body: bytes) -> None:
        """The server has an API of its own for tests."""
        with urlopen(Request(f"{self.address}/moto-api/{path}", body, method="POST")):
            pass

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            region_name=REGION,
            aws_access_key_id="AKIA0",
            aws_secret_access_key="other",
            endpoint_url=self.address,
        )

    async def run(self, task: TaskType, written: dict[str, Any]) -> AttemptEnded:
        return await self.bench.run(task, {**self.sign_in, **written})

    async def good(self, task: TaskType, written: dict[str, Any]) -> dict[str, Any]:
        return good(await self.run(task, written))

    async def why(self, task: TaskType, written: dict[str, Any]) -> str:
        return await why(self.bench, task, {**self.sign_in, **written})

    async def example(self, task: TaskType, **more: Any) -> dict[str, Any]:
        return await self.good(task, {**example(task), **self.sign_in, **more})

    async def rows(self, uri: str) -> list[Any]:
        lines = (await self.bench.storage.get(uri)).splitlines()
        return [read_row(line, uri) for line in lines]

    def points(self) -> dict[str, float]:
        return {each.name: each.value for each in self.bench.points}


@pytest.fixture
def account(tmp_path: Path, address: str) -> Account:
    return Account(tmp_path, address)


async def test_messages_of_a_queue_come_back_in_a_file(account: Account) -> None:
    queue = account.client("sqs").create_queue(QueueName="orders")["QueueUrl"]
    assert await account.example(sqs.PUBLISH, queueUrl=queue) == {"messagesCount": 2}
    got = await account.good(sqs.CONSUME, {"queueUrl": queue, "maxRecords": 2})
    assert got["count"] == 2
    assert await account.rows(got["uri"]) == ["first", '{"order":2}']
    # They are deleted, and an empty queue ends the task at once.
    got = await account.good(sqs.CONSUME, {"queueUrl": queue, "maxDuration": "PT1H"})
    assert (got["count"], await account.rows(got["uri"])) == (0, [])


async def test_many_messages_go_in_requests_of_ten(account: Account) -> None:
    queue = account.client("sqs").create_queue(QueueName="many")["QueueUrl"]
    rows = [{"data": {"number": number}} for number in range(25)]
    sent = await account.good(sqs.PUBLISH, {"queueUrl": queue, "from": rows})
    assert sent == {"messagesCount": 25}
    got = await account.good(sqs.CONSUME, {"queueUrl": queue, "maxRecords": 25, "serdeType": "JSON"})
    assert sorted(each["number"] for each in await account.rows(got["uri"])) == list(range(25))


async def test_messages_that_are_kept_come_again(account: Account) -> None:
    queue = account.client("sqs").create_queue(QueueName="kept")["QueueUrl"]
    await account.good(sqs.PUBLISH, {"queueUrl": queue, "from": {"data": "x"}})
    wanted = {"queueUrl": queue, "maxRecords": 1, "autoDelete": False, "visibilityTimeout": 0}
    for _ in range(2):
        got = await account.good(sqs.CONSUME, wanted)
        assert await account.rows(got["uri"]) == ["x"]


async def test_what_is_wrong_with_messages_is_said(account: Account) -> None:
    queue = account.client("sqs").create_queue(QueueName="bad")["QueueUrl"]
    assert await account.why(sqs.PUBLISH, {"queueUrl": queue, "from": {"text": "x"}}) == (
        "from: `data` is missing in {'text': 'x'}"
    )
    assert "must be a map with `data`" in await account.why(sqs.PUBLISH, {"queueUrl": queue, "from": ["x"]})
    assert "maxDuration" in await account.why(sqs.CONSUME, {"queueUrl": queue})
    await account.good(sqs.PUBLISH, {"queueUrl": queue, "from": {"data": "{"}})
    refused = await account.why(sqs.CONSUME, {"queueUrl": queue, "maxRecords": 1, "serdeType": "JSON"})
    assert refused.startswith("serdeType: a message is no JSON")
    missing = await account.why(sqs.CONSUME, {"queueUrl": f"{account.address}/1/nowhere", "maxRecords": 1})
    assert "does not exist" in missing


async def test_a_topic_sends_to_its_queue(account: Account) -> None:
    sns, queues = account.client("sns"), account.client("sqs")
    topic = sns.create_topic(Name="orders")["TopicArn"]
    queue = queues.create_queue(QueueName="heard")["QueueUrl"]
    arn = queues.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    assert await account.example(sqs.PUBLISH_TO_TOPIC, topicArn=topic) == {"messagesCount": 1}
    [message] = queues.receive_message(QueueUrl=queue)["Messages"]
    said = json.loads(message["Body"])
    assert (said["Message"], said["Subject"]) == ("an order came", "orders")


async def test_records_of_a_stream_come_back(account: Account) -> None:
    account.client("kinesis").create_stream(StreamName="clicks", ShardCount=1)
    put = await account.example(streams.PUT_RECORDS)
    assert (put["recordCount"], put["failedRecordsCount"]) == (2, 0)
    rows = await account.rows(put["uri"])
    assert [each["record"]["data"] for each in rows] == ["sign-in", "sign-out"]
    got = await account.example(streams.CONSUME_RECORDS)
    found = await account.rows(got["uri"])
    assert got["count"] == 2
    assert [(each["partitionKey"], each["data"]) for each in found] == [
        ("user1", "sign-in"),
        ("user2", "sign-out"),
    ]
    assert got["lastSequencePerShard"] == {found[1]["shardId"]: rows[1]["sequenceNumber"]}
    more = {"iteratorType": "AFTER_SEQUENCE_NUMBER", "startingSequenceNumber": rows[0]["sequenceNumber"]}
    got = await account.good(streams.CONSUME_RECORDS, {"streamName": "clicks", "maxRecords": 1, **more})
    assert [each["data"] for each in await account.rows(got["uri"])] == ["sign-out"]


async def test_a_stream_must_be_named_and_there(account: Account) -> None:
    record = [{"partitionKey": "a", "data": "b"}]
    assert "streamName or streamArn" in await account.why(streams.PUT_RECORDS, {"records": record})
    refused = await account.why(streams.PUT_RECORDS, {"records": record, "streamName": "nowhere"})
    assert refused.startswith("nowhere: ")
    assert "ResourceNotFoundException" in refused
    late = {"streamName": "x", "iteratorType": "AT_TIMESTAMP", "startingSequenceNumber": "soon"}
    account.client("kinesis").create_stream(StreamName="x", ShardCount=1)
    assert "is no time" in await account.why(streams.CONSUME_RECORDS, late)


async def test_events_reach_a_bus(account: Account) -> None:
    events = account.client("events")
    bus = events.describe_event_bus(Name="default")["Arn"]
    events.create_archive(ArchiveName="all", EventSourceArn=bus)
    put = await account.example(streams.PUT_EVENTS)
    assert (put["entryCount"], put["failedEntryCount"]) == (1, 0)
    [row] = await account.rows(put["uri"])
    assert row["entry"]["detail"] == {"id": 7}
    many = [
        {"EventBusName": "default", "Source": "toccata", "DetailType": "x", "Detail": "{}"} for _ in range(11)
    ]
    assert (await account.good(streams.PUT_EVENTS, {"entries": many}))["entryCount"] == 11
    assert events.describe_archive(ArchiveName="all")["EventCount"] == 12


@pytest.fixture
def orders(account: Account) -> str:
    account.client("dynamodb").create_table(
        TableName="orders",
        KeySchema=[
            {"AttributeName": "customer", "KeyType": "HASH"},
            {"AttributeName": "number", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": "customer", "AttributeType": "S"},
            {"AttributeName": "number", "AttributeType": "N"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    return "orders"


async def test_items_are_written_found_and_deleted(account: Account, orders: str) -> None:
    await account.example(dynamodb.PUT_ITEM)
    wanted = {"customer": "ada", "number": 7, "lines": [{"part": "bolt", "price": 1.5}]}
    assert await account.example(dynamodb.GET_ITEM) == {"row": wanted}
    await account.good(
        dynamodb.PUT_ITEM,
        {"tableName": orders, "item": '{"customer": "ada", "number": 8, "is_open": true, "note": null}'},
    )
    second = {"customer": "ada", "number": 8, "is_open": True, "note": None}
    assert await account.example(dynamodb.QUERY) == {"rows": [wanted, second], "size": 2}
    found = await account.example(dynamodb.QUERY, fetchType="FETCH_ONE")
    assert found == {"row": wanted, "size": 1}
    stored = await account.example(dynamodb.SCAN, fetchType="STORE")
    assert stored["size"] == 2
    assert await account.rows(stored["uri"]) == [wanted, second]
    some = {"filterExpression": "is_open = :yes", "expressionAttributeValues": {":yes": True}}
    got = await account.good(dynamodb.SCAN, {"tableName": orders, "fetchType": "FETCH", **some})
    assert got["rows"] == [second]
    await account.example(dynamodb.DELETE_ITEM)
    assert await account.example(dynamodb.GET_ITEM) == {}


async def test_a_table_is_read_page_by_page(account: Account, orders: str) -> None:
    table = account.client("dynamodb")
    for number in range(30):
        table.put_item(
            TableName=orders,
            Item={"customer": {"S": "eve"}, "number": {"N": str(number)}, "text": {"S": "x" * 100_000}},
        )
    got = await account.good(dynamodb.SCAN, {"tableName": orders, "fetchType": "STORE"})
    assert got["size"] == 30
    got = await account.good(dynamodb.SCAN, {"tableName": orders, "fetchType": "STORE", "limit": 3})
    assert got["size"] == 3


async def test_what_is_no_item_is_refused(account: Account, orders: str) -> None:
    assert "must be a map" in await account.why(dynamodb.PUT_ITEM, {"tableName": orders, "item": [1]})
    assert "not JSON" in await account.why(dynamodb.PUT_ITEM, {"tableName": orders, "item": "{"})
    refused = await account.why(dynamodb.GET_ITEM, {"tableName": "nowhere", "key": {"a": 1}})
    assert "ResourceNotFoundException" in refused


async def test_a_function_answers_into_a_file(account: Account) -> None:
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("f.py", "def price(event, context): return 1.5")
    role = account.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    account.client("lambda").create_function(
        FunctionName="price-of",
        Runtime="python3.12",
        Role=role,
        Handler="f.price",
        Code={"ZipFile": code.getvalue()},
    )
    got = await account.example(compute.INVOKE)
    assert got["contentLength"] == len(await account.bench.storage.get(got["uri"])) > 0
    assert account.points()["file.size"] == got["contentLength"]


async def test_a_function_that_fails_fails_the_task(account: Account) -> None:
    body = {"errorType": "KeyError", "errorMessage": "'part'"}
    answer = Give(200, body, {"X-Amz-Function-Error": "Unhandled"})
    async with http_server(always(answer)) as server:
        refused = await account.why(
            compute.INVOKE,
            {"functionArn": "price-of", "functionPayload": {"a": 1}, "endpointOverride": server.url},
        )
    assert refused.startswith("price-of: the function failed (Unhandled): ")
    assert "KeyError" in refused
    assert server.got[0].json() == {"a": 1}


async def test_a_query_gives_rows_with_their_types(account: Account) -> None:
    columns = [
        {"Name": "id", "Type": "bigint"},
        {"Name": "price", "Type": "double"},
        {"Name": "is_open", "Type": "boolean"},
        {"Name": "day", "Type": "date"},
        {"Name": "town", "Type": "varchar"},
    ]
    data: list[list[str | None]] = [
        ["id", "price", "is_open", "day", "town"],
        ["1", "1.5", "true", "2031-01-02", "Ems"],
        ["2", None, "false", None, "Ulm"],
    ]
    rows = [{"Data": [{} if cell is None else {"VarCharValue": cell} for cell in row]} for row in data]
    result = {"rows": rows, "column_info": columns}
    body = json.dumps({"results": [result] * 3, "region": REGION}).encode()
    account.tell("static/athena/query-results", body)
    first = {"id": 1, "price": 1.5, "is_open": True, "day": "2031-01-02", "town": "Ems"}
    second = {"id": 2, "price": None, "is_open": False, "day": None, "town": "Ulm"}
    got = await account.example(compute.QUERY)
    assert (got["rows"], got["size"]) == ([first, second], 2)
    got = await account.example(compute.QUERY, fetchType="STORE")
    assert await account.rows(got["uri"]) == [first, second]
    got = await account.example(compute.QUERY, fetchType="NONE")
    assert set(got) == {"queryExecutionId"}


async def test_a_stack_is_created_changed_and_deleted(account: Account) -> None:
    made = await account.example(compute.CREATE)
    assert made["stackName"] == "shop"
    [queue] = account.client("sqs").list_queues()["QueueUrls"]
    assert made["stackOutputs"]["Queue"].rpartition("/")[2] == queue.rpartition("/")[2]
    again = await account.example(compute.CREATE)
    assert again["stackId"] == made["stackId"]
    await account.example(compute.DELETE)
    assert (
        account.client("cloudformation").list_stacks(StackStatusFilter=["CREATE_COMPLETE"])["StackSummaries"]
        == []
    )
    broken = await account.why(compute.CREATE, {"stackName": "bad", "templateBody": "Resources: 1"})
    assert broken.startswith("bad: ")


async def test_tokens_are_encrypted(account: Account) -> None:
    got = await account.example(compute.GET_AUTH_TOKEN)
    assert (
        decrypted({"outputs": got["token"]}, account.cipher.decrypt)["outputs"] == "123456789012-auth-token"
    )
    got = await account.example(compute.EKS_TOKEN)
    token = decrypted({"outputs": got["token"]["tokenValue"]}, account.cipher.decrypt)["outputs"]
    url = base64.urlsafe_b64decode(token.removeprefix("k8s-aws-v1.") + "===").decode()
    assert url.startswith(f"https://sts.{REGION}.amazonaws.com/?Action=GetCallerIdentity")
    assert "X-Amz-Expires=600" in url
    assert "x-k8s-aws-id" in url


async def test_values_of_a_metric_come_back(account: Account) -> None:
    assert await account.example(watch.PUSH) == {"count": 1}
    got = await account.example(watch.QUERY)
    assert got["count"] == 1
    assert got["series"][0]["Sum"] == 12.0


async def test_a_job_is_started_seen_and_stopped(account: Account) -> None:
    role = "arn:aws:iam::123456789012:role/glue"
    account.client("glue").create_job(
        Name="nightly", Role=role, Command={"Name": "glueetl", "ScriptLocation": "s3://jobs/nightly.py"}
    )
    started = await account.example(watch.START_JOB_RUN)
    assert started["jobName"] == "nightly"
    number = started["jobRunId"]
    seen = await account.good(watch.GET_JOB_RUN, {"jobName": "nightly", "runId": number})
    assert (seen["jobRunId"], seen["attempt"]) == (number, started["attempt"])
    waited = await account.good(watch.START_JOB_RUN, {"jobName": "nightly"})
    assert waited["state"] == "SUCCEEDED"
    assert "nowhere" in await account.why(watch.START_JOB_RUN, {"jobName": "nowhere"})
