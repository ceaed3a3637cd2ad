"""Internal storage in a bucket: the same calls as on a folder, against moto's server, which answers as Amazon does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from toccata.runtime.errors import StorageRefused, Transient
from toccata.runtime.storage import InternalStorage, uri_of

URI = uri_of("company", "a file.txt")
LARGE = bytes(range(256)) * 4096 * 12
"""12 MiB: several parts."""


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server with the bucket ``depot``. The driver finds it and its credentials in the provider's usual variables."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    found = f"http://{host}:{port}"
    for name, value in {
        "AWS_ACCESS_KEY_ID": "AKIA0",
        "AWS_SECRET_ACCESS_KEY": "other",
        "AWS_REGION": "eu-central-1",
        "AWS_ENDPOINT": found,
        "AWS_ALLOW_HTTP": "true",
    }.items():
        monkeypatch.setenv(name, value)
    boto3.client("s3", region_name="us-east-1", endpoint_url=found).create_bucket(Bucket="depot")
    yield found
    server.stop()


async def parts(content: bytes, *, broken: bool = False) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 1_000_000):
        yield content[start : start + 1_000_000]
    if broken:
        raise LookupError("the source ended")


async def test_what_was_put_is_read_listed_and_deleted(address: str, tmp_path: Path) -> None:
    storage = InternalStorage("s3://depot/inner")
    (tmp_path / "large").write_bytes(LARGE)
    assert await storage.put(URI, b"one") == URI
    await storage.put(uri_of("company", "large"), tmp_path / "large")
    await storage.put(uri_of("company", "parts"), parts(LARGE))
    assert await storage.get(URI) == b"one"
    assert await asyncio.to_thread(storage.get_now, uri_of("company", "parts")) == LARGE
    await storage.download(uri_of("company", "large"), tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == LARGE
    assert await storage.size(URI) == 3
    assert await storage.below("kestra:///company/") == sorted(
        [URI, *(uri_of("company", name) for name in ("large", "parts"))]
    )
    listed = boto3.client("s3", region_name="us-east-1", endpoint_url=address).list_objects_v2(Bucket="depot")
    assert all(each["Key"].startswith("inner/company/") for each in listed["Contents"])
    await storage.delete(URI)
    await storage.delete(URI)
    assert not await storage.exists(URI)


@pytest.mark.usefixtures("address")
async def test_parts_that_end_with_an_error_leave_nothing() -> None:
    storage = InternalStorage("s3://depot/inner")
    with pytest.raises(LookupError, match="the source ended"):
        await storage.put(URI, parts(LARGE, broken=True))
    assert not await storage.exists(URI)


@pytest.mark.usefixtures("address")
async def test_a_missing_file_is_refused_and_a_missing_bucket_is_trouble() -> None:
    with pytest.raises(StorageRefused, match="does not exist"):
        await InternalStorage("s3://depot/inner").get(URI)
    with pytest.raises((StorageRefused, Transient)):
        await InternalStorage("s3://elsewhere").put(URI, b"x")
