"""The poll of ``gcp.gcs.Trigger``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from toccata.plugin import RunContext, TriggerEvent, Watched, watch
from toccata.plugins.families.gcp import gcs as declared
from toccata.plugins.families.gcp.run import gcs
from toccata.plugins.families.gcp.run.client import Client, connected


async def poll(trigger: declared.Trigger, run: RunContext) -> Sequence[TriggerEvent]:
    target = gcs.move_target(trigger)
    async with connected(trigger) as client:
        return await watch(trigger, run, _Folder(trigger, run, client, target), "blobs")


class _Folder:
    def __init__(
        self, trigger: declared.Trigger, run: RunContext, client: Client, target: tuple[str, str]
    ) -> None:
        self._trigger = trigger
        self._run = run
        self._client = client
        self._target = target if trigger.action == "MOVE" else None
        self.keeps = trigger.action == "NONE"

    async def listed(self) -> Sequence[Watched]:
        found = await gcs.chosen(self._client, self._trigger, self._run)
        return [
            Watched(each["uri"], _version(each["generatedId"], each["metaGeneration"]), each)
            for each in found
        ]

    async def take(self, watched: Watched) -> Mapping[str, Any]:
        found = watched.entry
        uri = await gcs.received(self._client, self._run, found["bucket"], found["name"], is_checked=False)
        return {**found, "uri": uri}

    async def finish(self, key: str, version: str) -> None:
        if self._trigger.action == "NONE":
            return
        bucket, name = gcs.address_of(key, "from")
        blob = await self._client.call(key, self._client.storage.bucket(bucket).get_blob, name)
        if blob is not None and _version(blob.id, blob.metageneration) == version:
            await gcs.taken_away(self._client, blob, self._target)


def _version(generation: Any, metageneration: Any) -> str:
    return f"{generation}/{metageneration}"
