"""Files to and from S3, in constant memory. All functions block."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from toccata.plugins.families.aws.run.client import Stopped

_CHUNK = 1024 * 1024
_PART = 8 * 1024 * 1024
_MOST_PARTS = 10_000
_AT_ONCE = 4
IN_ONE = 2 * _PART
"""Up to this size, a file is sent by one request."""
MOST_IN_ONE = 5 * 1024**3
_ALSO_FOR_PARTS = ("RequestPayer", "ExpectedBucketOwner", "ChecksumAlgorithm")
_ONLY_IN_ONE = ("ChecksumCRC32", "ChecksumCRC32C", "ChecksumCRC64NVME", "ChecksumSHA1", "ChecksumSHA256")


def send(client: Any, stopped: Event, path: Path, where: Mapping[str, str], more: Mapping[str, Any]) -> Any:
    """Upload a file, and give what the service answers. ``where``: bucket and key. ``more``: what the object is to have."""
    size = path.stat().st_size
    has_checksum = any(name in more for name in _ONLY_IN_ONE)
    if size <= (MOST_IN_ONE if has_checksum else IN_ONE):
        with path.open("rb") as file:
            return client.put_object(**where, **more, Body=file)
    upload = client.create_multipart_upload(
        **where, **{name: value for name, value in more.items() if name not in _ONLY_IN_ONE}
    )
    asked = {**where, "UploadId": upload["UploadId"]}
    shared = {name: more[name] for name in _ALSO_FOR_PARTS if name in more}
    try:
        parts = _parts(client, stopped, path, {**asked, **shared})
        _go_on(stopped)
        shared.pop("ChecksumAlgorithm", None)
        return client.complete_multipart_upload(**asked, **shared, MultipartUpload={"Parts": parts})
    except BaseException:
        # Parts of an upload that never ends cost money, and nobody sees them.
        with suppress(ClientError, BotoCoreError):
            client.abort_multipart_upload(**asked)
        raise


def _parts(client: Any, stopped: Event, path: Path, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    size = path.stat().st_size
    length = max(_PART, -(-size // _MOST_PARTS))

    def one(number: int) -> dict[str, Any]:
        _go_on(stopped)
        with path.open("rb") as file:
            file.seek((number - 1) * length)
            body = file.read(length)
        answer = client.upload_part(**asked, PartNumber=number, Body=body)
        sums = {name: value for name, value in answer.items() if name in _ONLY_IN_ONE}
        return {"PartNumber": number, "ETag": answer["ETag"], **sums}

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        try:
            return list(pool.map(one, range(1, -(-size // length) + 1)))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def receive(client: Any, stopped: Event, asked: Mapping[str, Any], path: Path) -> Any:
    """Download an object into a file, and give what the service says of it."""
    answer = client.get_object(**asked)
    with answer["Body"] as body, path.open("wb") as file:
        while chunk := body.read(_CHUNK):
            _go_on(stopped)
            file.write(chunk)
    return answer


def _go_on(stopped: Event) -> None:
    if stopped.is_set():
        raise Stopped
