"""``aws.s3.*``: properties to requests, answers to outputs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlencode

from toccata.plugin import Outputs, RunContext, TaskFailed, fetched, name_filter, scratch, stored
from toccata.plugin import sources as sources_of
from toccata.plugins.families.aws import s3 as declared
from toccata.plugins.families.aws.run.client import Client, Stopped, connected
from toccata.plugins.families.aws.run.transfer import receive, send

_SUMS = ("CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256")
_ENCRYPTION = {"AWS_KMS": "aws:kms", "AWS_KMS_DSSE": "aws:kms:dsse", "AWS_FSX": "aws:fsx"}


async def run_upload(task: declared.Upload, run: RunContext) -> Outputs:
    files, single = sources_of(task.from_)
    more = _object_of(task)
    done: dict[str, Any] = {}
    answer: dict[str, Any] = {}
    async with connected(task, "s3") as s3:
        for each in files:
            key = task.key if single else str(PurePosixPath(task.key) / each.name)
            path = await fetched(run, each.uri)
            size = path.stat().st_size
            run.log("DEBUG", f"Uploading to '{key}'")
            where = {"Bucket": task.bucket, "Key": key}
            answer = await s3.call(_at(task.bucket, key), send, s3.stopped, path, where, more)
            await asyncio.to_thread(path.unlink)
            run.metric("counter", "file.count", 1)
            run.metric("counter", "file.size", size)
            done[each.name] = {**_stored(answer), "contentLength": size}
    outputs: dict[str, Any] = {"bucket": task.bucket, "key": task.key}
    return {**outputs, **_stored(answer)} if single else {**outputs, "files": done}


def _object_of(task: declared.Upload) -> dict[str, Any]:
    """What the new object is to have."""
    kind = (task.checksum_algorithm or "").replace("_", "")
    if task.checksum is not None and not kind:
        raise TaskFailed("checksum: `checksumAlgorithm` must say which one it is")
    encryption = task.server_side_encryption
    return _given(
        RequestPayer=task.request_payer,
        Metadata=task.metadata or None,
        CacheControl=task.cache_control,
        ContentType=task.content_type,
        ContentEncoding=task.content_encoding,
        ContentDisposition=task.content_disposition,
        ContentLanguage=task.content_language,
        Expires=_time(task.expires, "expires"),
        ACL=task.acl,
        StorageClass=task.storage_class,
        ServerSideEncryption=_ENCRYPTION.get(encryption, encryption) if encryption else None,
        BucketKeyEnabled=task.bucket_key_enabled,
        ChecksumAlgorithm=kind or None,
        **{f"Checksum{kind}": task.checksum},
        ExpectedBucketOwner=task.expected_bucket_owner,
        ObjectLockMode=task.object_lock_mode,
        ObjectLockLegalHoldStatus=task.object_lock_legal_hold_status,
        ObjectLockRetainUntilDate=_time(task.object_lock_retain_until_date, "objectLockRetainUntilDate"),
        Tagging=urlencode(task.tagging) or None,
    )


def _time(text: str | None, name: str) -> datetime | None:
    try:
        return None if text is None else datetime.fromisoformat(text)
    except ValueError:
        raise TaskFailed(f"{name}: `{text}` is no time as 2026-01-31T12:00:00Z") from None


async def run_download(task: declared.Download, run: RunContext) -> Outputs:
    chooses = any(each is not None for each in (task.prefix, task.delimiter, task.regexp))
    if task.key is None and not chooses:
        raise TaskFailed("one of `key`, `prefix`, `delimiter` and `regexp` is needed")
    async with connected(task, "s3") as s3:
        if not chooses:
            assert task.key is not None
            return await downloaded(s3, task, run, task.key, task.version_id)
        found = await chosen(s3, task, run, "FILES", task.max_files)
        if not found:
            run.log("WARN", "No objects found matching the filter criteria")
        return {"files": {each["Key"]: await downloaded(s3, task, run, each["Key"]) for each in found}}


async def run_downloads(task: declared.Downloads, run: RunContext) -> Outputs:
    if task.action == "MOVE" and task.move_to is None:
        raise TaskFailed("moveTo: is needed with `action: MOVE`")
    objects, files = [], {}
    async with connected(task, "s3") as s3:
        found = await chosen(s3, task, run, task.filter, task.max_files)
        for each in found:
            if each["Key"].endswith("/"):
                continue
            files[each["Key"]] = (await downloaded(s3, task, run, each["Key"]))["uri"]
            objects.append({**listed(each), "uri": files[each["Key"]]})
        for each in found:
            await finished(s3, task, each["Key"])
    run.metric("counter", "files.count", len(objects))
    return {"objects": objects, "outputFiles": files}


async def finished(s3: Client, task: declared.Downloads | declared.Trigger, key: str) -> None:
    """MOVE or DELETE, when all files are safe."""
    if task.action == "NONE":
        return
    where = _given(Bucket=task.bucket, Key=key, RequestPayer=task.request_payer)
    if task.action == "MOVE":
        assert task.move_to is not None
        folder = task.move_to.key.rstrip("/")
        target = {
            "Bucket": task.move_to.bucket,
            "Key": f"{folder}/{PurePosixPath(key).name}".lstrip("/"),
            "CopySource": {"Bucket": task.bucket, "Key": key},
            **_encryption(task.move_to),
        }
        await s3.call(_at(task.bucket, key), lambda client: client.copy_object(**target))
    await s3.call(_at(task.bucket, key), lambda client: client.delete_object(**where))


async def downloaded(
    s3: Client,
    task: declared.Download | declared.Downloads | declared.Trigger,
    run: RunContext,
    key: str,
    version: str | None = None,
) -> dict[str, Any]:
    asked = _given(
        Bucket=task.bucket,
        Key=key,
        VersionId=version,
        RequestPayer=task.request_payer,
        ExpectedBucketOwner=task.expected_bucket_owner,
        ChecksumMode="ENABLED" if task.validate_checksum else None,
    )
    path: Path = await scratch(run) / "object"
    answer = await s3.call(_at(task.bucket, key), receive, s3.stopped, asked, path)
    run.metric("counter", "file.size", answer["ContentLength"])
    uri = await stored(run, path, PurePosixPath(key).suffix)
    await asyncio.to_thread(path.unlink)
    return {
        **_stored(answer),
        "uri": uri,
        "contentLength": answer["ContentLength"],
        "contentType": answer.get("ContentType"),
        "metadata": answer.get("Metadata") or {},
    }


async def run_list(task: declared.ListObjects, run: RunContext) -> Outputs:
    async with connected(task, "s3") as s3:
        found = await chosen(s3, task, run, task.filter, task.max_files)
    run.metric("counter", "size", len(found))
    return {"objects": [listed(each) for each in found]}


async def chosen(
    s3: Client, task: declared.Chosen, run: RunContext, kind: str, most: int | None
) -> Sequence[Mapping[str, Any]]:
    """The objects that are meant, ``most`` at most."""
    is_wanted = name_filter(task.regexp, "regexp")
    asked = _given(
        Bucket=task.bucket,
        Prefix=task.prefix,
        Delimiter=task.delimiter,
        Marker=task.marker,
        MaxKeys=task.max_keys,
        ExpectedBucketOwner=task.expected_bucket_owner,
        RequestPayer=task.request_payer,
    )

    def read(client: Any) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = []
        for each in _pages(s3, client, asked):
            if _is_kind(each["Key"], kind) and is_wanted(each["Key"]):
                found.append(each)
                if most is not None and len(found) > most:
                    break
        return found

    found = await s3.call(f"s3://{task.bucket}", read)
    if most is not None and len(found) > most:
        run.log("WARN", f"There are more than {most} objects: the first {most} are taken (`maxFiles`)")
        del found[most:]
    return found


def _pages(s3: Client, client: Any, asked: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    marker = asked.get("Marker", "")
    while not s3.stopped.is_set():
        page = client.list_objects(**{**asked, "Marker": marker})
        contents = page.get("Contents", [])
        yield from contents
        marker = page.get("NextMarker") or (contents[-1]["Key"] if contents else "")
        if not page.get("IsTruncated") or not marker:
            return
    raise Stopped


def _is_kind(key: str, kind: str) -> bool:
    return kind == "BOTH" or key.endswith("/") == (kind == "DIRECTORY")


async def run_copy(task: declared.Copy, run: RunContext) -> Outputs:
    del run
    source = _given(Bucket=task.from_.bucket, Key=task.from_.key, VersionId=task.from_.version_id)
    target = {
        "Bucket": task.to.bucket,
        "Key": task.to.key,
        "CopySource": source,
        **_encryption(task.to),
    }
    about = _at(task.from_.bucket, task.from_.key)
    async with connected(task, "s3") as s3:
        answer = await s3.call(about, lambda client: client.copy_object(**target))
        if task.delete:
            where = {"Bucket": task.from_.bucket, "Key": task.from_.key}
            await s3.call(about, lambda client: client.delete_object(**where))
    return {
        "bucket": task.to.bucket,
        "key": task.to.key,
        "eTag": answer["CopyObjectResult"].get("ETag"),
        "versionId": answer.get("VersionId"),
    }


def _encryption(target: declared.CopyObject) -> dict[str, Any]:
    kind = target.server_side_encryption
    if kind in (None, "NONE"):
        return {}
    key = target.kms_key_id if kind == "AWS_KMS" else None
    return _given(ServerSideEncryption=_ENCRYPTION.get(kind or "", kind), SSEKMSKeyId=key)


async def run_delete(task: declared.Delete, run: RunContext) -> Outputs:
    del run
    asked = _given(
        Bucket=task.bucket,
        Key=task.key,
        RequestPayer=task.request_payer,
        BypassGovernanceRetention=task.bypass_governance_retention,
        MFA=task.mfa.get_secret_value() if task.mfa is not None else None,
    )
    async with connected(task, "s3") as s3:
        answer = await s3.call(_at(task.bucket, task.key), lambda client: client.delete_object(**asked))
    return {
        "versionId": answer.get("VersionId"),
        "deleteMarker": answer.get("DeleteMarker"),
        "requestCharged": answer.get("RequestCharged"),
    }


async def run_delete_list(task: declared.DeleteList, run: RunContext) -> Outputs:
    async with connected(task, "s3") as s3:
        found = await chosen(s3, task, run, task.filter, None)
        if not found and task.error_on_empty:
            raise TaskFailed(
                f"Unable to find any files to delete on {task.bucket} with regexp='{task.regexp}', prefix='{task.prefix}'"
            )
        await s3.call(f"s3://{task.bucket}", _delete_all, s3, task, [each["Key"] for each in found])
    size = sum(each["Size"] for each in found)
    run.metric("counter", "s3.objects.deleted.count", len(found))
    run.metric("counter", "s3.objects.deleted.size", size)
    run.log("INFO", f"Deleted {len(found)} keys for {size} bytes")
    return {"count": len(found), "size": size}


def _delete_all(client: Any, s3: Client, task: declared.DeleteList, keys: Sequence[str]) -> None:
    more = _given(RequestPayer=task.request_payer, ExpectedBucketOwner=task.expected_bucket_owner)

    def one(key: str) -> None:
        if s3.stopped.is_set():
            raise Stopped
        client.delete_object(Bucket=task.bucket, Key=key, **more)

    with ThreadPoolExecutor(min(task.concurrent or 1, 32)) as pool:
        for _ in pool.map(one, keys):
            pass


async def run_create_bucket(task: declared.CreateBucket, run: RunContext) -> Outputs:
    del run
    asked = _given(
        Bucket=task.bucket,
        GrantFullControl=task.grant_full_control,
        GrantRead=task.grant_read,
        GrantReadACP=task.grant_read_acp,
        GrantWrite=task.grant_write,
        GrantWriteACP=task.grant_write_acp,
        ACL=task.acl,
        ObjectLockEnabledForBucket=task.object_lock_enabled_for_bucket,
    )
    async with connected(task, "s3") as s3:
        region = s3.region
        if region not in {"us-east-1", "aws-global"}:  # the service refuses the name of its first region
            asked["CreateBucketConfiguration"] = {"LocationConstraint": region}
        await s3.call(f"s3://{task.bucket}", lambda client: client.create_bucket(**asked))
    return {"bucket": task.bucket, "region": region}


def listed(found: Mapping[str, Any]) -> dict[str, Any]:
    owner = found.get("Owner")
    return _given(
        key=found["Key"],
        etag=found.get("ETag"),
        size=found["Size"],
        lastModified=found["LastModified"].isoformat().replace("+00:00", "Z"),
        owner=_given(id=owner.get("ID"), displayName=owner.get("DisplayName")) if owner else None,
    )


def _stored(answer: Mapping[str, Any]) -> dict[str, Any]:
    sums = [(kind, answer[f"Checksum{kind}"]) for kind in _SUMS if answer.get(f"Checksum{kind}")]
    kind, value = sums[0] if sums else (None, None)
    return _given(
        eTag=answer.get("ETag"),
        versionId=answer.get("VersionId"),
        checksumAlgorithm=kind,
        checksumValue=value,
    )


def _at(bucket: str, key: str) -> str:
    return f"s3://{bucket}/{key}"


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
