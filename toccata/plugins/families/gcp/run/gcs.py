"""``gcp.gcs.*``: properties to calls, objects to outputs."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

import google_crc32c
from google.api_core.exceptions import Conflict, NotFound
from google.cloud.storage import Blob, Bucket

from toccata.plugin import Outputs, RunContext, TaskFailed, fetched, name_filter, scratch, stored
from toccata.plugins.families.gcp import gcs as declared
from toccata.plugins.families.gcp.run.client import Client, connected

_PART = 8 * 1024 * 1024
_MOST_COMPOSED = 32


def address_of(uri: str, what: str, *, folder: bool = False) -> tuple[str, str]:
    """Bucket and name. Raise TaskFailed."""
    bucket, _, name = uri.removeprefix("gs://").partition("/")
    if not uri.startswith("gs://") or not bucket or (not name and not folder):
        raise TaskFailed(f"{what}: `{uri}` must be an address as gs://bucket/path")
    return bucket, name


def _uri(blob: Any) -> str:
    return f"gs://{blob.bucket.name}/{blob.name}"


class _Watched(io.FileIO):
    """A file whose reading and writing end with the task."""

    def __init__(self, path: Path, mode: str, client: Client) -> None:
        super().__init__(path, mode)
        self._client = client

    def read(self, size: int | None = -1) -> bytes:
        self._client.go_on()
        return super().read(-1 if size is None else size) or b""

    def write(self, data: Any) -> int:
        self._client.go_on()
        return super().write(data) or 0


async def run_upload(task: declared.Upload, run: RunContext) -> Outputs:
    bucket, name = address_of(task.to, "to")
    path = await fetched(run, task.from_)
    md5, crc = await asyncio.to_thread(_sums, path)
    for what, wanted, found in (
        ("expectedMd5", task.expected_md5, md5),
        ("expectedCrc32c", task.expected_crc32c, crc),
    ):
        if wanted is not None and wanted != found:
            raise TaskFailed(f"{what}: the file has {found}, not {wanted}")
    async with connected(task) as gcs:
        blob = gcs.storage.bucket(bucket).blob(name, chunk_size=_PART)
        blob.content_encoding = task.content_encoding
        blob.content_disposition = task.content_disposition
        blob.cache_control = task.cache_control
        size = path.stat().st_size

        def send() -> None:
            with _Watched(path, "rb", gcs) as file:
                blob.upload_from_file(file, size=size, content_type=task.content_type, checksum=None)

        await gcs.call(task.to, send)
    if task.validate_checksum and blob.crc32c not in (None, crc):
        raise TaskFailed(f"{task.to}: what arrived has the CRC32C {blob.crc32c}, not {crc}")
    run.metric("counter", "file.size", size)
    return {"uri": f"gs://{bucket}/{name}", "md5": blob.md5_hash, "crc32c": blob.crc32c}


def _sums(path: Path) -> tuple[str, str]:
    md5, crc = hashlib.md5(usedforsecurity=False), google_crc32c.Checksum()
    with path.open("rb") as file:
        while part := file.read(_PART):
            md5.update(part)
            crc.update(part)
    return base64.b64encode(md5.digest()).decode(), base64.b64encode(crc.digest()).decode()


async def run_download(task: declared.Download, run: RunContext) -> Outputs:
    bucket, name = address_of(task.from_, "from")
    async with connected(task) as gcs:
        uri = await received(gcs, run, bucket, name, is_checked=task.validate_checksum)
    return {"uri": uri, "bucket": bucket, "path": name}


async def received(gcs: Client, run: RunContext, bucket: str, name: str, *, is_checked: bool) -> str:
    path = await scratch(run) / "object"
    blob = gcs.storage.bucket(bucket).blob(name)

    def receive() -> int:
        with _Watched(path, "wb", gcs) as file:
            blob.download_to_file(file, checksum="crc32c" if is_checked else None)
        return path.stat().st_size

    run.metric("counter", "file.size", await gcs.call(f"gs://{bucket}/{name}", receive))
    uri = await stored(run, path, PurePosixPath(name).suffix)
    await asyncio.to_thread(path.unlink)
    return uri


async def run_list(task: declared.ListObjects, run: RunContext) -> Outputs:
    async with connected(task) as gcs:
        found = await chosen(gcs, task, run, kind=task.filter, most=task.max_files)
    run.metric("counter", "size", len(found))
    return {"blobs": found}


async def chosen(
    gcs: Client,
    task: declared.Chosen | declared.ComposedList | declared.Trigger,
    run: RunContext,
    *,
    kind: str = "FILES",
    most: int | None = None,
) -> list[dict[str, Any]]:
    bucket, prefix = address_of(task.from_, "from", folder=True)
    is_wanted = name_filter(task.reg_exp, "regExp")
    is_flat = task.listing_type == "DIRECTORY"
    versions = isinstance(task, declared.Chosen) and bool(task.all_versions)

    def read() -> list[dict[str, Any]]:
        pages = gcs.storage.list_blobs(
            bucket, prefix=prefix or None, delimiter="/" if is_flat else None, versions=versions or None
        )
        found = []
        for blob in pages:
            gcs.go_on()
            is_folder = blob.name.endswith("/")
            if _is_kind(is_folder=is_folder, kind=kind) and is_wanted(_uri(blob)):
                found.append(_output(blob, is_folder=is_folder))
        if kind != "FILES":
            folders = [
                {"uri": f"gs://{bucket}/{each}", "bucket": bucket, "name": each, "isDirectory": True}
                for each in sorted(pages.prefixes)
            ]
            found += [each for each in folders if is_wanted(str(each["uri"]))]
        return found

    found = await gcs.call(task.from_, read)
    if most is not None and len(found) > most:
        run.log("WARN", f"There are more than {most} objects: the first {most} are taken (`maxFiles`)")
        del found[most:]
    return found


def _is_kind(*, is_folder: bool, kind: str) -> bool:
    return kind == "BOTH" or is_folder == (kind == "DIRECTORY")


async def run_downloads(task: declared.Downloads, run: RunContext) -> Outputs:
    target = move_target(task)
    files, blobs = {}, []
    async with connected(task) as gcs:
        found = await chosen(gcs, task, run, most=task.max_files)
        for each in found:
            name = each["name"]
            files[name] = await received(gcs, run, each["bucket"], name, is_checked=task.validate_checksum)
            blobs.append({**each, "uri": files[name]})
        for each in found:
            if task.action != "NONE":
                blob = gcs.storage.bucket(each["bucket"]).blob(each["name"])
                await taken_away(gcs, blob, target if task.action == "MOVE" else None)
    return {"blobs": blobs, "outputFiles": files}


def move_target(task: declared.Downloads | declared.Trigger) -> tuple[str, str]:
    """Bucket and folder of what is moved. Raise TaskFailed."""
    if task.action != "MOVE":
        return "", ""
    if task.move_directory is None:
        raise TaskFailed("moveDirectory: is needed with `action: MOVE`")
    return address_of(task.move_directory, "moveDirectory", folder=True)


async def taken_away(gcs: Client, blob: Blob, target: tuple[str, str] | None) -> None:
    """Move an object into a folder, or delete it."""
    if target is not None:
        folder = f"{target[1].rstrip('/')}/".lstrip("/")
        new = gcs.storage.bucket(target[0]).blob(folder + PurePosixPath(blob.name).name)
        await gcs.call(_uri(blob), _copied, gcs, blob, new)
    await gcs.call(_uri(blob), blob.delete)


async def run_copy(task: declared.Copy, run: RunContext) -> Outputs:
    del run
    source, target = address_of(task.from_, "from"), address_of(task.to, "to")
    async with connected(task) as gcs:
        old = gcs.storage.bucket(source[0]).blob(source[1])
        new = gcs.storage.bucket(target[0]).blob(target[1])
        await gcs.call(task.from_, _copied, gcs, old, new)
        if task.delete:
            await gcs.call(task.from_, old.delete)
    return {"uri": _uri(new)}


def _copied(gcs: Client, old: Blob, new: Blob) -> None:
    token, _, _ = new.rewrite(old)
    while token is not None:
        gcs.go_on()
        token, _, _ = new.rewrite(old, token=token)


async def run_delete(task: declared.Delete, run: RunContext) -> Outputs:
    del run
    bucket, name = address_of(task.uri, "uri")

    async with connected(task) as gcs:
        deleted = await gcs.call(task.uri, _gone, gcs.storage.bucket(bucket).blob(name))
    if not deleted and task.error_on_missing:
        raise TaskFailed(f"Unable to find blob '{task.uri}'")
    return {"uri": task.uri, "deleted": deleted}


def _gone(blob: Blob) -> bool:
    try:
        blob.delete()
    except NotFound:
        return False
    return True


async def run_delete_list(task: declared.DeleteList, run: RunContext) -> Outputs:
    async with connected(task) as gcs:
        found = await chosen(gcs, task, run)
        if not found and task.error_on_empty:
            raise TaskFailed(
                f"Unable to find any files to delete on {task.from_} with regexp='{task.reg_exp}'"
            )
        await gcs.call(task.from_, _delete_all, gcs, task, found)
    size = sum(each.get("size") or 0 for each in found)
    run.metric("counter", "count", len(found))
    run.metric("counter", "size", size)
    run.log("INFO", f"Deleted {len(found)} objects of {size} bytes")
    return {"count": len(found), "size": size}


def _delete_all(gcs: Client, task: declared.DeleteList, found: Sequence[dict[str, Any]]) -> None:
    def one(each: dict[str, Any]) -> None:
        gcs.go_on()
        version = str(each.get("generatedId", "")).rpartition("/")[2]
        generation = int(version) if task.all_versions and version.isdigit() else None
        gcs.storage.bucket(each["bucket"]).blob(each["name"], generation=generation).delete()

    with ThreadPoolExecutor(min(task.concurrent or 1, 32)) as pool:
        for _ in pool.map(one, found):
            pass


async def run_compose(task: declared.Compose, run: RunContext) -> Outputs:
    bucket, name = address_of(task.to, "to")
    source = address_of(task.list_.from_, "list.from", folder=True)[0]
    if source != bucket:
        raise TaskFailed(f"to: must be in the bucket of the objects, `{source}`")
    async with connected(task) as gcs:
        found = await chosen(gcs, task.list_, run)
        if not found:
            if task.allow_empty:
                return {}
            raise TaskFailed(f"There are no files in {task.list_.from_}")
        if len(found) > _MOST_COMPOSED:
            raise TaskFailed(
                f"list: {len(found)} objects are chosen, and one can be made of at most {_MOST_COMPOSED}"
            )
        there = gcs.storage.bucket(bucket)
        made = there.blob(name)
        await gcs.call(task.to, made.compose, [there.blob(each["name"]) for each in found])
    run.metric("counter", "count", len(found))
    return {"uri": _uri(made)}


async def run_create_bucket(task: declared.CreateBucket, run: RunContext) -> Outputs:
    async with connected(task) as gcs:
        bucket = gcs.storage.bucket(task.name)
        _describe(bucket, task)

        def create() -> bool:
            try:
                gcs.storage.create_bucket(bucket, location=task.location)
            except Conflict:
                return False
            return True

        if await gcs.call(f"gs://{task.name}", create):
            return {"bucket": _bucket(bucket), "created": True}
        if task.if_exists == "ERROR":
            raise TaskFailed(f"Bucket {task.name} already exists and `ifExists` is ERROR")
        if task.if_exists == "UPDATE":
            return await _updated(gcs, task)
        run.log("INFO", f"Bucket {task.name} already exists: it is left as it is")
        return {"bucket": _bucket(await gcs.call(f"gs://{task.name}", gcs.storage.get_bucket, task.name))}


async def run_update_bucket(task: declared.UpdateBucket, run: RunContext) -> Outputs:
    del run
    async with connected(task) as gcs:
        return await _updated(gcs, task)


async def _updated(gcs: Client, task: declared.OfBucket) -> Outputs:
    bucket = await gcs.call(f"gs://{task.name}", gcs.storage.get_bucket, task.name)
    _describe(bucket, task)
    await gcs.call(f"gs://{task.name}", bucket.patch)
    return {"bucket": _bucket(bucket), "updated": True}


def _describe(bucket: Bucket, task: declared.OfBucket) -> None:
    for name in (
        "requester_pays",
        "versioning_enabled",
        "storage_class",
        "labels",
        "default_kms_key_name",
        "default_event_based_hold",
        "retention_period",
    ):
        if getattr(task, name) is not None:
            setattr(bucket, name, getattr(task, name))
    if task.index_page is not None or task.not_found_page is not None:
        bucket.configure_website(task.index_page, task.not_found_page)
    if task.lifecycle_rules is not None:
        bucket.lifecycle_rules = [_rule(each) for each in task.lifecycle_rules]
    if task.cors is not None:
        bucket.cors = [_cors(each) for each in task.cors]
    if task.logging is not None and task.logging.log_bucket is not None:
        bucket.enable_logging(task.logging.log_bucket, task.logging.log_object_prefix or "")
    rights = task.iam_configuration
    if rights is not None and rights.uniform_bucket_level_access_enabled is not None:
        bucket.iam_configuration.uniform_bucket_level_access_enabled = (
            rights.uniform_bucket_level_access_enabled
        )
    if rights is not None and rights.public_access_prevention is not None:
        bucket.iam_configuration.public_access_prevention = rights.public_access_prevention.lower()


def _rule(rule: declared.LifecycleRule) -> dict[str, Any]:
    kinds = {"DELETE": "Delete", "SET_STORAGE_CLASS": "SetStorageClass"}
    action = {"type": kinds[rule.action.type], "storageClass": rule.action.value}
    return {
        "action": {name: value for name, value in action.items() if value is not None},
        "condition": {} if rule.condition.age is None else {"age": rule.condition.age},
    }


def _cors(cors: declared.Cors) -> dict[str, Any]:
    found = {
        "maxAgeSeconds": cors.max_age_seconds,
        "method": cors.methods,
        "origin": cors.origins,
        "responseHeader": cors.response_headers,
    }
    return {name: value for name, value in found.items() if value not in (None, [])}


async def run_delete_bucket(task: declared.DeleteBucket, run: RunContext) -> Outputs:
    del run

    def delete(gcs: Client) -> None:
        bucket = gcs.storage.bucket(task.name)
        if task.force:
            for blob in gcs.storage.list_blobs(task.name, versions=True):
                gcs.go_on()
                blob.delete()
        bucket.delete()

    async with connected(task) as gcs:
        await gcs.call(f"gs://{task.name}", delete, gcs)
    return {"bucket": task.name, "bucketUri": f"gs://{task.name}"}


def _bucket(bucket: Bucket) -> dict[str, Any]:
    website = bucket._properties.get("website") or {}  # noqa: SLF001 - it has no other reader
    found = {
        "name": bucket.name,
        "uri": f"gs://{bucket.name}",
        "location": bucket.location,
        "indexPage": website.get("mainPageSuffix"),
        "notFoundPage": website.get("notFoundPage"),
    }
    return {name: value for name, value in found.items() if value is not None}


def _output(blob: Blob, *, is_folder: bool) -> dict[str, Any]:
    found = {
        "uri": _uri(blob),
        "bucket": blob.bucket.name,
        "name": blob.name,
        "generatedId": blob.id,
        "selfLink": blob.self_link,
        "mediaLink": blob.media_link,
        "size": blob.size,
        "etag": blob.etag,
        "md5": blob.md5_hash,
        "crc32c": blob.crc32c,
        "cacheControl": blob.cache_control,
        "contentType": blob.content_type,
        "contentEncoding": blob.content_encoding,
        "contentDisposition": blob.content_disposition,
        "contentLanguage": blob.content_language,
        "metadata": blob.metadata,
        "metaGeneration": blob.metageneration,
        "createTime": _time(blob.time_created),
        "updateTime": _time(blob.updated),
        "deleteTime": _time(blob.time_deleted),
        "componentCount": blob.component_count,
        "kmsKeyName": blob.kms_key_name,
        "eventBasedHold": blob.event_based_hold,
        "temporaryHold": blob.temporary_hold,
        "isDirectory": is_folder,
    }
    return {name: value for name, value in found.items() if value is not None}


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")
