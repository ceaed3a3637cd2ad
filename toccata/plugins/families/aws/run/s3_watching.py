"""The poll of ``aws.s3.Trigger``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from toccata.plugin import RunContext, TaskFailed, TriggerEvent, Watched, watch
from toccata.plugins.families.aws import s3 as declared
from toccata.plugins.families.aws.run import s3
from toccata.plugins.families.aws.run.client import Client, connected


async def poll(trigger: declared.Trigger, run: RunContext) -> Sequence[TriggerEvent]:
    if trigger.action == "MOVE" and trigger.move_to is None:
        raise TaskFailed("moveTo: is needed with `action: MOVE`")
    async with connected(trigger, "s3") as client:
        return await watch(trigger, run, _Bucket(trigger, run, client), "objects")


class _Bucket:
    def __init__(self, trigger: declared.Trigger, run: RunContext, client: Client) -> None:
        self._trigger = trigger
        self._run = run
        self._client = client
        self.keeps = trigger.action == "NONE"

    async def listed(self) -> Sequence[Watched]:
        trigger = self._trigger
        found = await s3.chosen(self._client, trigger, self._run, trigger.filter, None)
        files = [each for each in found if not each["Key"].endswith("/")]
        return [Watched(self._address(each["Key"]), _version(each), each) for each in files]

    async def take(self, watched: Watched) -> Mapping[str, Any]:
        key = watched.entry["Key"]
        copy = await s3.downloaded(self._client, self._trigger, self._run, key)
        return {**s3.listed(watched.entry), "uri": copy["uri"]}

    async def finish(self, key: str, version: str) -> None:
        if self._trigger.action == "NONE":
            return
        name = key.removeprefix(self._address(""))
        there = await self._client.call(key, self._find, name)
        if there is not None and _version(there) == version:
            await s3.finished(self._client, self._trigger, name)

    def _find(self, client: Any, name: str) -> Mapping[str, Any] | None:
        found = client.list_objects_v2(Bucket=self._trigger.bucket, Prefix=name, MaxKeys=1).get("Contents")
        return found[0] if found and found[0]["Key"] == name else None

    def _address(self, key: str) -> str:
        return f"s3://{self._trigger.bucket}/{key}"


def _version(found: Mapping[str, Any]) -> str:
    return str(found.get("ETag") or found["LastModified"].isoformat())
