"""Google Cloud Storage on the worker's own runner, against an emulator that speaks its API over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from gcp_storage_emulator.server import create_server
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage

from contracts.execution import AttemptEnded
from tests.support.attempt import Bench
from tests.support.example import example
from tests.support.http_server import Give, Got, http_server
from tests.support.outcome import good, why
from tests.support.polled import Polled
from toccata.plugin import TaskType
from toccata.plugins.families.gcp import gcs

PLACE = "kestra:///company/team/f/executions/e1/"
LARGE = bytes(range(256)) * 4096 * 18
"""18 MiB: three parts."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = create_server("127.0.0.1", 0, in_memory=True)
    server.start()
    yield f"http://127.0.0.1:{server._api._httpd.socket.getsockname()[1]}"
    server.stop()


class Account:
    def __init__(self, folder: Path, address: str) -> None:
        self.bench = Bench(folder)
        self.gcs = storage.Client(
            project="trips", credentials=AnonymousCredentials(), client_options={"api_endpoint": address}
        )
        for bucket in list(self.gcs.list_buckets()):
            for blob in list(self.gcs.list_blobs(bucket.name)):
                blob.delete()
            bucket.delete()
        self.gcs.create_bucket("trips")
        self.gcs.create_bucket("archive")

    async def run(self, task: TaskType, written: dict[str, Any], **more: Any) -> AttemptEnded:
        return await self.bench.run(task, {"projectId": "trips", **written}, **more)

    async def why(self, task: TaskType, written: dict[str, Any]) -> str:
        return await why(self.bench, task, {"projectId": "trips", **written})

    async def file(self, content: bytes, name: str = "in.csv") -> str:
        return await self.bench.storage.put(f"{PLACE}inputs/{name}", content)

    def put(self, *names: str, content: bytes = b"x") -> None:
        for name in names:
            self.gcs.bucket("trips").blob(name).upload_from_string(content)

    def names(self, bucket: str = "trips") -> list[str]:
        return sorted(blob.name for blob in self.gcs.list_blobs(bucket))

    def content(self, name: str) -> bytes:
        return bytes(self.gcs.bucket("trips").blob(name).download_as_bytes())


@pytest.fixture
def account(tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch) -> Account:
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", address)
    return Account(tmp_path, address)


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", LARGE], ids=["empty", "small", "in parts"])
async def test_what_is_uploaded_comes_back(account: Account, content: bytes) -> None:
    uri = "gs://trips/raw/a b ü.csv"
    sent = good(await account.run(gcs.UPLOAD, {"from": await account.file(content), "to": uri}))
    assert sent["uri"] == uri
    assert account.content("raw/a b ü.csv") == content
    got = good(await account.run(gcs.DOWNLOAD, {"from": uri, "validateChecksum": True}))
    assert (got["bucket"], got["path"]) == ("trips", "raw/a b ü.csv")
    assert got["uri"].endswith(".csv")
    assert await account.bench.storage.get(got["uri"]) == content
    assert ("file.size", len(content)) in [(each.name, each.value) for each in account.bench.points]


async def test_checksums_of_the_file_are_compared_before_anything_is_sent(account: Account) -> None:
    written = {"from": await account.file(b"hello"), "to": "gs://trips/a"}
    right = {"expectedMd5": "XUFAKrxLKna5cZ2REBfFkg==", "expectedCrc32c": "mnG7TA=="}
    good(await account.run(gcs.UPLOAD, {**written, **right}))
    for name, found in right.items():
        message = await account.why(gcs.UPLOAD, {**written, "to": "gs://trips/b", name: "AAAA"})
        assert message == f"{name}: the file has {found}, not AAAA"
    assert account.names() == ["a"]


async def test_an_object_gets_what_the_task_says(account: Account) -> None:
    written = {
        "from": await account.file(b"x"),
        "to": "gs://trips/a",
        "contentType": "text/csv",
        "cacheControl": "no-store",
    }
    good(await account.run(gcs.UPLOAD, written))
    blob = account.gcs.bucket("trips").get_blob("a")
    assert (blob.content_type, blob.cache_control) == ("text/csv", "no-store")


async def test_objects_are_listed(account: Account) -> None:
    account.put("raw/a.csv", "raw/b.json", "raw/deep/c.csv", "other.csv")

    async def names(**more: Any) -> list[str]:
        found = good(await account.run(gcs.LIST, {"from": "gs://trips/raw/", **more}))["blobs"]
        return [each["name"] for each in found]

    assert await names() == ["raw/a.csv", "raw/b.json", "raw/deep/"]
    assert await names(filter="FILES") == ["raw/a.csv", "raw/b.json"]
    assert await names(filter="DIRECTORY") == ["raw/deep/"]
    assert await names(listingType="RECURSIVE", regExp=".*\\.csv") == ["raw/a.csv", "raw/deep/c.csv"]
    assert await names(regExp="raw/a.csv") == [], "the whole address counts"
    assert await names(maxFiles=1) == ["raw/a.csv"]
    (found,) = good(await account.run(gcs.LIST, {"from": "gs://trips/", "filter": "FILES"}))["blobs"]
    assert (found["uri"], found["size"], found["isDirectory"]) == ("gs://trips/other.csv", 1, False)
    assert found["updateTime"].endswith("Z")


@pytest.mark.parametrize(
    ("action", "left"),
    [
        ("NONE", ["raw/a.csv", "raw/b.csv"]),
        ("DELETE", []),
        ("MOVE", ["done/a.csv", "done/b.csv"]),
    ],
)
async def test_downloaded_objects_are_moved_or_deleted(
    account: Account, action: str, left: list[str]
) -> None:
    account.put("raw/a.csv", "raw/b.csv")
    written = {"from": "gs://trips/raw/", "action": action, "moveDirectory": "gs://trips/done"}
    got = good(await account.run(gcs.DOWNLOADS, written))
    assert [each["name"] for each in got["blobs"]] == ["raw/a.csv", "raw/b.csv"]
    assert await account.bench.storage.get(got["outputFiles"]["raw/b.csv"]) == b"x"
    assert account.names() == left


async def test_an_object_is_copied_moved_and_deleted(account: Account) -> None:
    account.put("a", content=b"old")
    written = {"from": "gs://trips/a", "to": "gs://archive/b"}
    assert good(await account.run(gcs.COPY, written)) == {"uri": "gs://archive/b"}
    assert (account.names(), account.names("archive")) == (["a"], ["b"])
    good(await account.run(gcs.COPY, {**written, "delete": True}))
    assert account.names() == []
    gone = good(await account.run(gcs.DELETE, {"uri": "gs://archive/b"}))
    assert gone == {"uri": "gs://archive/b", "deleted": True}
    assert good(await account.run(gcs.DELETE, {"uri": "gs://archive/b"}))["deleted"] is False
    message = await account.why(gcs.DELETE, {"uri": "gs://archive/b", "errorOnMissing": True})
    assert message == "Unable to find blob 'gs://archive/b'"


@pytest.mark.parametrize("concurrent", [None, 4])
async def test_chosen_objects_are_deleted(account: Account, concurrent: int | None) -> None:
    account.put(*(f"raw/{number}" for number in range(9)), "kept", content=b"12")
    written = {"from": "gs://trips/raw/", "concurrent": concurrent}
    assert good(await account.run(gcs.DELETE_LIST, written)) == {"count": 9, "size": 18}
    assert account.names() == ["kept"]
    assert "Unable to find any files" in await account.why(gcs.DELETE_LIST, {**written, "errorOnEmpty": True})


async def test_objects_are_joined(account: Account) -> None:
    account.put("raw/1.csv", content=b"one\n")
    account.put("raw/2.csv", content=b"two\n")
    written = {"list": {"from": "gs://trips/raw/", "regExp": ".*csv"}, "to": "gs://trips/all.csv"}
    assert good(await account.run(gcs.COMPOSE, written)) == {"uri": "gs://trips/all.csv"}
    assert account.content("all.csv") == b"one\ntwo\n"
    none = {"list": {"from": "gs://trips/none/"}, "to": "gs://trips/none.csv"}
    assert "There are no files" in await account.why(gcs.COMPOSE, none)
    assert good(await account.run(gcs.COMPOSE, {**none, "allowEmpty": True})) == {}
    other = {**written, "to": "gs://archive/all.csv"}
    assert "must be in the bucket of the objects" in await account.why(gcs.COMPOSE, other)


async def test_a_bucket_is_created_changed_and_deleted(account: Account) -> None:
    written = {"name": "new", "labels": {"team": "data"}, "storageClass": "NEARLINE"}
    made = good(await account.run(gcs.CREATE_BUCKET, written))
    assert (made["bucket"]["uri"], made["created"]) == ("gs://new", True)
    assert "already exists and `ifExists` is ERROR" in await account.why(gcs.CREATE_BUCKET, written)
    skipped = good(await account.run(gcs.CREATE_BUCKET, {**written, "ifExists": "SKIP"}))
    assert sorted(skipped) == ["bucket"]
    changed = {"name": "new", "labels": {"team": "other"}, "versioningEnabled": True}
    assert good(await account.run(gcs.CREATE_BUCKET, {**changed, "ifExists": "UPDATE"}))["updated"] is True
    assert account.gcs.get_bucket("new").labels == {"team": "other"}
    good(await account.run(gcs.UPDATE_BUCKET, {"name": "new", "labels": {"team": "third"}}))
    assert account.gcs.get_bucket("new").labels == {"team": "third"}
    account.gcs.bucket("new").blob("a").upload_from_string("x")
    good(await account.run(gcs.DELETE_BUCKET, {"name": "new", "force": True}))
    assert account.gcs.lookup_bucket("new") is None


async def test_a_key_of_a_service_account_signs_in(account: Account) -> None:
    """The key signs a request for a token, and the token goes with each call."""
    asked: list[Got] = []

    def token(got: Got) -> Give:
        asked.append(got)
        return Give(body={"access_token": "given-token", "expires_in": 3600, "token_type": "Bearer"})

    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    account.put("a")
    async with http_server(token) as server:
        key = {
            "type": "service_account",
            "project_id": "from-the-key",
            "client_email": "bot@example.com",
            "private_key": pem,
            "token_uri": f"{server.url}/token",
        }
        written = {"projectId": None, "serviceAccount": json.dumps(key), "from": "gs://trips/"}
        assert good(await account.run(gcs.LIST, written))["blobs"]
    assert {got.path for got in asked} == {"/token"}


@pytest.mark.parametrize(
    ("task", "written", "text"),
    [
        (gcs.DOWNLOAD, {"from": "gs://trips/gone"}, "gs://trips/gone: "),
        (gcs.DOWNLOAD, {"from": "s3://trips/a"}, "must be an address as gs://bucket/path"),
        (gcs.DOWNLOAD, {"from": "gs://trips"}, "must be an address as gs://bucket/path"),
        (gcs.LIST, {"from": "gs://no-such-bucket/"}, "gs://no-such-bucket/: "),
        (gcs.LIST, {"from": "gs://trips/", "regExp": "("}, "regExp: "),
        (
            gcs.LIST,
            {"from": "gs://trips/", "serviceAccount": "hidden-key"},
            "serviceAccount: must be the key",
        ),
        (gcs.DOWNLOADS, {"from": "gs://trips/", "action": "MOVE"}, "moveDirectory: is needed"),
        (gcs.DELETE_BUCKET, {"name": "no-such-bucket"}, "gs://no-such-bucket: "),
    ],
)
async def test_what_fails_says_why(
    account: Account, task: TaskType, written: dict[str, Any], text: str
) -> None:
    message = await account.why(task, written)
    assert text in message
    assert "hidden-key" not in message


@pytest.mark.parametrize(
    "task",
    [each for each in vars(gcs).values() if isinstance(each, TaskType)],
    ids=lambda each: each.name,
)
async def test_the_example_runs(account: Account, task: TaskType) -> None:
    account.put("raw/trips.csv")
    written = {**example(task), "serviceAccount": None}
    good(await account.bench.run(task, written, variables={"inputs": {"file": await account.file(b"x")}}))


def watching(account: Account, **written: Any) -> Polled:
    known = {"projectId": "trips", "from": "gs://trips/in/"}
    return Polled(account.bench, gcs.TRIGGER, {**known, **written})


def shown(found: Any) -> list[tuple[str, str]]:
    return [(each["name"], each["changeType"]) for each in found["blobs"]]


async def test_a_trigger_finds_new_and_changed_objects_once(account: Account) -> None:
    account.put("in/a.csv", "other/b.csv", content=b"one")
    polled = watching(account)
    found = await polled.one()
    assert shown(found) == [("in/a.csv", "CREATE")]
    assert await account.bench.storage.get(found["blobs"][0]["uri"]) == b"one"
    assert await polled.found() == []
    account.gcs.bucket("trips").blob("in/a.csv").delete()
    account.put("in/a.csv", "in/c.csv", content=b"two")
    assert shown(await polled.one()) == [("in/a.csv", "UPDATE"), ("in/c.csv", "CREATE")]


async def test_a_trigger_moves_or_deletes_what_it_has_copied(account: Account) -> None:
    account.put("in/a.csv", content=b"one")
    moving = watching(account, action="MOVE", moveDirectory="gs://archive/done/")
    found = await moving.one()
    assert await account.bench.storage.get(found["blobs"][0]["uri"]) == b"one"
    assert (account.names(), account.names("archive")) == ([], ["done/a.csv"])
    account.put("in/b.csv")
    deleting = watching(account, action="DELETE", stateKey="other")
    (lost,) = await deleting.found(lost=True)
    assert account.names() == []
    (again,) = await deleting.found()
    assert (again.id, shown(again.variables)) == (lost.id, [("in/b.csv", "CREATE")])
    assert await deleting.found() == []
    assert await watching(account, action="MOVE").why() == "moveDirectory: is needed with `action: MOVE`"
    assert example(gcs.TRIGGER)["from"] == "gs://trips/in/"
