"""S3 tasks on the worker's own runner, against moto's server: HTTP, signatures and answers as Amazon sends them."""

from __future__ import annotations

import asyncio
import hashlib
import time
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from contracts.execution import AttemptEnded
from tests.support.attempt import Bench
from tests.support.example import example
from tests.support.outcome import good, why
from tests.support.polled import Polled
from toccata.plugin import TaskType
from toccata.plugins.families.aws import s3

PLACE = "kestra:///company/team/f/executions/e1/"
SECRETS = {
    f"SECRET_{name}": b64encode(value.encode()).decode()
    for name, value in {"AWS_KEY_ID": "AKIA0", "AWS_KEY": "hidden-key"}.items()
}
LARGE = bytes(range(256)) * 4096 * 20
"""20 MiB: three parts."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


class Account:
    """One worker with an account of its own at the service."""

    def __init__(self, folder: Path, address: str) -> None:
        self.bench = Bench(folder, SECRETS)
        self.sign_in = {
            "region": "eu-central-1",
            "accessKeyId": "AKIA0",
            "secretKeyId": "{{ secret('AWS_KEY') }}",
            "endpointOverride": address,
        }
        self.s3 = boto3.client(
            "s3",
            region_name="eu-central-1",
            aws_access_key_id="AKIA0",
            aws_secret_access_key="other",
            endpoint_url=address,
        )
        for bucket in self.s3.list_buckets()["Buckets"]:
            for each in self.s3.list_object_versions(Bucket=bucket["Name"]).get("Versions", []):
                self.s3.delete_object(Bucket=bucket["Name"], Key=each["Key"], VersionId=each["VersionId"])
            for each in self.s3.list_object_versions(Bucket=bucket["Name"]).get("DeleteMarkers", []):
                self.s3.delete_object(Bucket=bucket["Name"], Key=each["Key"], VersionId=each["VersionId"])
            self.s3.delete_bucket(Bucket=bucket["Name"])
        for name in ("trips", "archive"):
            self.s3.create_bucket(
                Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
            )

    async def run(self, task: TaskType, written: dict[str, Any], **more: Any) -> AttemptEnded:
        return await self.bench.run(task, {**self.sign_in, **written}, **more)

    async def why(self, task: TaskType, written: dict[str, Any]) -> str:
        return await why(self.bench, task, {**self.sign_in, **written})

    async def file(self, content: bytes, name: str = "in.csv") -> str:
        return await self.bench.storage.put(f"{PLACE}inputs/{name}", content)

    def put(self, *keys: str, content: bytes = b"x", bucket: str = "trips") -> None:
        for key in keys:
            self.s3.put_object(Bucket=bucket, Key=key, Body=content)

    def keys(self, bucket: str = "trips") -> list[str]:
        return [each["Key"] for each in self.s3.list_objects_v2(Bucket=bucket).get("Contents", [])]

    def until_an_upload_began(self) -> None:
        deadline = time.monotonic() + 30
        while not self.s3.list_multipart_uploads(Bucket="trips").get("Uploads"):
            assert time.monotonic() < deadline


@pytest.fixture
def account(tmp_path: Path, address: str) -> Account:
    return Account(tmp_path, address)


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", LARGE], ids=["empty", "small", "in parts"])
async def test_what_is_uploaded_comes_back(account: Account, content: bytes) -> None:
    asked = {"bucket": "trips", "key": "raw/trips.csv"}
    sent = good(await account.run(s3.UPLOAD, {**asked, "from": await account.file(content)}))
    assert (sent["bucket"], sent["key"]) == ("trips", "raw/trips.csv")
    assert account.s3.get_object(Bucket="trips", Key="raw/trips.csv")["Body"].read() == content
    got = good(await account.run(s3.DOWNLOAD, {**asked, "validateChecksum": True}))
    assert got["eTag"] == sent["eTag"]
    assert got["contentLength"] == len(content)
    assert got["uri"].endswith(".csv")
    assert await account.bench.storage.get(got["uri"]) == content
    assert ("file.size", len(content)) in [(each.name, each.value) for each in account.bench.points]


async def test_an_object_gets_what_the_task_says(account: Account) -> None:
    content = b"hello"
    checksum = b64encode(hashlib.sha256(content).digest()).decode()
    more = {
        "metadata": {"origin": "{{ flow.id }}"},
        "contentType": "text/csv",
        "cacheControl": "no-store",
        "storageClass": "STANDARD_IA",
        "tagging": {"team": "a b=c"},
        "serverSideEncryption": "AES256",
        "checksumAlgorithm": "SHA256",
        "checksum": checksum,
        "expires": "2030-01-01T00:00:00Z",
    }
    written = {"bucket": "trips", "key": "k", "from": await account.file(content), **more}
    sent = good(await account.run(s3.UPLOAD, written, variables={"flow": {"id": "load"}}))
    assert (sent["checksumAlgorithm"], sent["checksumValue"]) == ("SHA256", checksum)
    found = account.s3.head_object(Bucket="trips", Key="k")
    assert found["Metadata"] == {"origin": "load"}
    assert (found["ContentType"], found["CacheControl"]) == ("text/csv", "no-store")
    assert (found["StorageClass"], found["ServerSideEncryption"]) == ("STANDARD_IA", "AES256")
    tags = account.s3.get_object_tagging(Bucket="trips", Key="k")["TagSet"]
    assert tags == [{"Key": "team", "Value": "a b=c"}]


@pytest.mark.parametrize("form", ["list", "map", "text"])
async def test_several_files_go_into_the_folder(account: Account, form: str) -> None:
    one, two = await account.file(b"1", "a.csv"), await account.file(b"2", "b.csv")
    given: Any = {"list": [one, two], "map": {"a.csv": one, "b.csv": two}, "text": f'["{one}", "{two}"]'}[
        form
    ]
    sent = good(await account.run(s3.UPLOAD, {"bucket": "trips", "key": "day/", "from": given}))
    assert account.keys() == ["day/a.csv", "day/b.csv"]
    assert sorted(sent["files"]) == ["a.csv", "b.csv"]
    assert sent["files"]["b.csv"]["contentLength"] == 1


async def test_objects_are_chosen_by_prefix_expression_and_number(account: Account) -> None:
    account.put("raw/a.csv", "raw/b.json", "raw/deep/c.csv", "raw/", "other.csv")
    asked = {"bucket": "trips", "prefix": "raw/"}

    async def keys(**more: Any) -> list[str]:
        found = good(await account.run(s3.LIST, {**asked, **more}))["objects"]
        return [each["key"] for each in found]

    assert await keys() == ["raw/", "raw/a.csv", "raw/b.json", "raw/deep/c.csv"]
    assert await keys(filter="FILES", delimiter="/") == ["raw/a.csv", "raw/b.json"]
    assert await keys(filter="DIRECTORY") == ["raw/"]
    assert await keys(regexp=".*\\.csv") == ["raw/a.csv", "raw/deep/c.csv"]
    assert await keys(regexp="a.csv") == []
    assert await keys(marker="raw/b.json") == ["raw/deep/c.csv"]
    assert await keys(maxFiles=2) == ["raw/", "raw/a.csv"]
    assert (
        "WARN",
        "There are more than 2 objects: the first 2 are taken (`maxFiles`)",
    ) in account.bench.messages
    assert await keys(maxKeys=1, regexp=".*c\\.csv") == ["raw/deep/c.csv"], "all pages are read"


async def test_a_listed_object_has_its_facts(account: Account) -> None:
    account.put("a", content=b"12345")
    (found,) = good(await account.run(s3.LIST, {"bucket": "trips"}))["objects"]
    assert (found["key"], found["size"]) == ("a", 5)
    assert found["etag"] == f'"{hashlib.md5(b"12345").hexdigest()}"'
    assert found["lastModified"].endswith("Z")


async def test_chosen_objects_are_downloaded(account: Account) -> None:
    account.put("raw/a.csv", "raw/b.json")
    got = good(await account.run(s3.DOWNLOAD, {"bucket": "trips", "prefix": "raw/", "regexp": ".*csv"}))
    assert list(got["files"]) == ["raw/a.csv"]
    assert await account.bench.storage.get(got["files"]["raw/a.csv"]["uri"]) == b"x"
    none = good(await account.run(s3.DOWNLOAD, {"bucket": "trips", "prefix": "nothing"}))
    assert none["files"] == {}
    assert ("WARN", "No objects found matching the filter criteria") in account.bench.messages


@pytest.mark.parametrize(
    ("action", "left", "archived"),
    [
        ("NONE", ["raw/a.csv", "raw/b.csv"], []),
        ("DELETE", [], []),
        ("MOVE", [], ["done/a.csv", "done/b.csv"]),
    ],
)
async def test_downloaded_objects_are_moved_or_deleted(
    account: Account, action: str, left: list[str], archived: list[str]
) -> None:
    account.put("raw/a.csv", "raw/b.csv")
    written = {"bucket": "trips", "action": action, "moveTo": {"bucket": "archive", "key": "done/"}}
    got = good(await account.run(s3.DOWNLOADS, written))
    assert [each["key"] for each in got["objects"]] == ["raw/a.csv", "raw/b.csv"]
    assert await account.bench.storage.get(got["outputFiles"]["raw/b.csv"]) == b"x"
    assert (account.keys(), account.keys("archive")) == (left, archived)


async def test_an_object_is_copied_or_moved(account: Account) -> None:
    account.put("a", content=b"old")
    written = {
        "from": {"bucket": "trips", "key": "a"},
        "to": {"bucket": "archive", "key": "b", "serverSideEncryption": "AES256"},
    }
    got = good(await account.run(s3.COPY, written))
    assert (got["bucket"], got["key"]) == ("archive", "b")
    assert account.s3.head_object(Bucket="archive", Key="b")["ServerSideEncryption"] == "AES256"
    assert account.keys() == ["a"]
    good(await account.run(s3.COPY, {**written, "delete": True}))
    assert account.keys() == []


async def test_versions_are_kept_apart(account: Account) -> None:
    account.s3.put_bucket_versioning(Bucket="trips", VersioningConfiguration={"Status": "Enabled"})
    asked = {"bucket": "trips", "key": "k"}
    first = good(await account.run(s3.UPLOAD, {**asked, "from": await account.file(b"1")}))["versionId"]
    good(await account.run(s3.UPLOAD, {**asked, "from": await account.file(b"2")}))
    gone = good(await account.run(s3.DELETE, asked))
    assert gone["deleteMarker"] is True
    assert "NoSuchKey" in await account.why(s3.DOWNLOAD, asked)
    got = good(await account.run(s3.DOWNLOAD, {**asked, "versionId": first}))
    assert await account.bench.storage.get(got["uri"]) == b"1"


@pytest.mark.parametrize("concurrent", [None, 4])
async def test_chosen_objects_are_deleted(account: Account, concurrent: int | None) -> None:
    account.put(*(f"raw/{number}" for number in range(12)), "kept", content=b"12")
    asked = {"bucket": "trips", "prefix": "raw/", "maxKeys": 5, "concurrent": concurrent}
    assert good(await account.run(s3.DELETE_LIST, asked)) == {"count": 12, "size": 24}
    assert account.keys() == ["kept"]
    assert good(await account.run(s3.DELETE_LIST, asked)) == {"count": 0, "size": 0}
    message = await account.why(s3.DELETE_LIST, {**asked, "errorOnEmpty": True})
    assert message == "Unable to find any files to delete on trips with regexp='None', prefix='raw/'"


async def test_a_bucket_is_created_once(account: Account) -> None:
    assert good(await account.run(s3.CREATE_BUCKET, {"bucket": "new"})) == {
        "bucket": "new",
        "region": "eu-central-1",
    }
    assert "BucketAlreadyOwnedByYou" in await account.why(s3.CREATE_BUCKET, {"bucket": "new"})
    good(await account.run(s3.CREATE_BUCKET, {"bucket": "first", "region": "us-east-1"}))


async def test_a_role_is_taken_on(account: Account, address: str) -> None:
    account.put("a")
    role = {
        "stsRoleArn": "arn:aws:iam::123456789012:role/reader",
        "stsEndpointOverride": address,
        "stsRoleExternalId": "team-7",
    }
    assert good(await account.run(s3.LIST, {"bucket": "trips", **role}))["objects"]


@pytest.mark.parametrize(
    ("task", "written", "text"),
    [
        (
            s3.DOWNLOAD,
            {"bucket": "trips", "key": "gone"},
            "s3://trips/gone: The specified key does not exist",
        ),
        (s3.DOWNLOAD, {"bucket": "no-such-bucket", "key": "a"}, "NoSuchBucket"),
        (s3.DOWNLOAD, {"bucket": "trips"}, "one of `key`, `prefix`, `delimiter` and `regexp` is needed"),
        (s3.LIST, {"bucket": "trips", "regexp": "("}, "regexp: "),
        (
            s3.DOWNLOADS,
            {"bucket": "trips", "action": "MOVE"},
            "moveTo: is needed with `action: MOVE`",
        ),
        (
            s3.LIST,
            {"bucket": "trips", "endpointOverride": "nonsense"},
            "s3: Invalid endpoint: nonsense",
        ),
        (
            s3.LIST,
            {"bucket": "trips", "endpointOverride": "http://127.0.0.1:1"},
            'Could not connect to the endpoint URL: "http://127.0.0.1:1/',
        ),
        (s3.LIST, {"bucket": "trips", "secretKeyId": None}, "accessKeyId and secretKeyId belong together"),
        (s3.UPLOAD, {"bucket": "trips", "key": "k", "from": []}, "from: names no file"),
        (s3.UPLOAD, {"bucket": "trips", "key": "k", "from": "kestra:///company/team/no"}, "no"),
        (
            s3.UPLOAD,
            {"bucket": "trips", "key": "k", "from": {"../a": "kestra:///x"}},
            "from: the name '../a' must be relative",
        ),
    ],
)
async def test_what_fails_says_why(
    account: Account, task: TaskType, written: dict[str, Any], text: str
) -> None:
    message = await account.why(task, written)
    assert text in message
    assert "hidden-key" not in message


async def test_a_killed_upload_leaves_no_parts(account: Account) -> None:
    written = {"bucket": "trips", "key": "k", "from": await account.file(LARGE)}
    running = asyncio.create_task(account.run(s3.UPLOAD, written))
    await asyncio.to_thread(account.until_an_upload_began)
    running.cancel()
    await asyncio.wait([running])
    assert account.s3.list_multipart_uploads(Bucket="trips").get("Uploads") is None
    assert account.keys() == []


@pytest.mark.parametrize(
    "task",
    [
        s3.CREATE_BUCKET,
        s3.UPLOAD,
        s3.DOWNLOAD,
        s3.DOWNLOADS,
        s3.LIST,
        s3.COPY,
        s3.DELETE,
        s3.DELETE_LIST,
    ],
    ids=lambda each: each.name,
)
async def test_the_example_runs(account: Account, task: TaskType) -> None:
    account.put("raw/trips.csv")
    written = {**example(task), "endpointOverride": account.sign_in["endpointOverride"]}
    good(await account.bench.run(task, written, variables={"inputs": {"file": await account.file(b"x")}}))


def watching(account: Account, **written: Any) -> Polled:
    known = {**account.sign_in, "bucket": "trips", "prefix": "in/", "action": "NONE"}
    return Polled(account.bench, s3.TRIGGER, {**known, **written})


def shown(found: Any) -> list[tuple[str, str]]:
    return [(each["key"], each["changeType"]) for each in found["objects"]]


async def test_a_trigger_finds_new_and_changed_objects_once(account: Account) -> None:
    account.put("in/a.csv", "other/b.csv", content=b"one")
    polled = watching(account)
    found = await polled.one()
    assert shown(found) == [("in/a.csv", "CREATE")]
    (copy,) = found["objects"]
    assert (copy["size"], await account.bench.storage.get(copy["uri"])) == (3, b"one")
    assert await polled.found() == []
    account.put("in/a.csv", content=b"one")
    assert await polled.found() == [], "its content is the same"
    account.put("in/a.csv", "in/c.csv", content=b"two")
    assert shown(await polled.one()) == [("in/a.csv", "UPDATE"), ("in/c.csv", "CREATE")]


async def test_a_trigger_moves_or_deletes_what_it_has_copied(account: Account) -> None:
    account.put("in/a.csv", content=b"one")
    moving = watching(account, action="MOVE", moveTo={"bucket": "archive", "key": "done"})
    (copy,) = (await moving.one())["objects"]
    assert await account.bench.storage.get(copy["uri"]) == b"one"
    assert (account.keys(), account.keys("archive")) == ([], ["done/a.csv"])
    assert await moving.found() == []
    account.put("in/b.csv")
    deleting = watching(account, action="DELETE", regexp=".*[.]csv")
    (lost,) = await deleting.found(lost=True)
    assert account.keys() == []
    (again,) = await deleting.found()
    assert (again.id, shown(again.variables)) == (lost.id, [("in/b.csv", "CREATE")])
    assert await deleting.found() == []
    assert await watching(account, action="MOVE").why() == "moveTo: is needed with `action: MOVE`"


async def test_a_trigger_says_that_there_is_no_such_bucket(account: Account) -> None:
    assert "none-such" in await watching(account, bucket="none-such").why()
    assert example(s3.TRIGGER)["bucket"] == "trips"
