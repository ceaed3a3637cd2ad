"""The KV store: values by key, in namespaces. Large values are in internal storage."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from contracts.language.stored_value import loaded
from contracts.namespace import DeleteValue, PutValue, ValueKind, ValueState
from contracts.namespace_path import with_parents
from contracts.reply import Reply
from toccata.runtime.clock import now_ms
from toccata.runtime.namespace.entries import has_expired
from toccata.runtime.namespace.registry import Registry, new_request
from toccata.runtime.storage import InternalStorage, uri_of

INLINE_BYTES = 16 * 1024
"""Larger values are stored by reference, so that readers need not hold them all."""
LARGEST_BYTES = 10 * 1024 * 1024


class ValueRefused(Exception):
    """The text is for the author of the value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewValue:
    kind: ValueKind
    json: str
    description: str = ""
    ttl: timedelta | None = None
    """How long it counts. None: for ever."""


class Clock(Protocol):
    def __call__(self) -> int: ...


class ValueStore:
    """Reads see everything that anybody was told is stored before :meth:`catch_up`. All but lookups may raise Transient."""

    def __init__(self, registry: Registry, storage: InternalStorage, clock: Clock = now_ms) -> None:
        self._registry = registry
        self._storage = storage
        self._clock = clock

    async def catch_up(self) -> None:
        await self._registry.catch_up()

    def find(self, namespace: str, key: str, *, inherited: bool = False) -> ValueState | None:
        """Look up a value that may have expired, with ``inherited`` also in the namespaces above, the nearest first."""
        names = with_parents(namespace) if inherited else [namespace]
        found = (self._registry.entries.value(name, key) for name in names)
        return next((value for value in found if value is not None), None)

    def expired(self, value: ValueState) -> bool:
        return has_expired(value, self._clock())

    def listed(self, namespace: str | None = None) -> list[ValueState]:
        """Return the values that have not expired, by namespace and key."""
        found = (each for each in self._registry.entries.values(namespace) if not self.expired(each))
        return sorted(found, key=lambda each: (each.namespace, each.key))

    def gone(self, namespaces: Iterable[str] | None = None) -> list[ValueState]:
        """Return the values that have expired."""
        wanted = None if namespaces is None else set(namespaces)
        found = (each for each in self._registry.entries.values() if self.expired(each))
        return [each for each in found if wanted is None or each.namespace in wanted]

    def namespaces(self) -> list[str]:
        """Return the namespaces that hold values or files."""
        return list(self._registry.entries.namespaces())

    async def content(self, value: ValueState) -> Any:
        """Return the value itself. Raise StorageRefused if it was deleted meanwhile."""
        return loaded(await self.text(value))

    async def text(self, value: ValueState) -> str:
        """Return the value as JSON."""
        return (await self._storage.get(value.uri)).decode() if value.uri else value.value

    async def put(self, namespace: str, key: str, new: NewValue, *, overwrite: bool = True) -> int:
        """Store a value, and return its version when all reads see it. Raise ValueRefused, also if the key has a value and
        ``overwrite`` is False."""
        content = new.json.encode("utf-8", "surrogatepass")
        if len(content) > LARGEST_BYTES:
            raise ValueRefused(f"the value has {len(content):,} bytes, but the limit is {LARGEST_BYTES:,}")
        before = self._registry.entries.value(namespace, key)
        uri = ""
        if len(content) > INLINE_BYTES:
            uri = uri_of(*namespace.split("."), "_kv", key, f"{new_request()}.json")
            await self._storage.put(uri, content)
        at = self._clock()
        command = PutValue(
            namespace=namespace,
            key=key,
            kind=new.kind,
            value="" if uri else new.json,
            uri=uri,
            description=new.description,
            expires_at=None if new.ttl is None else at + round(new.ttl.total_seconds() * 1000),
            overwrite=overwrite,
            at=at,
            request_id=new_request(),
            reply_to=self._registry.reply_to,
        )
        (answer,) = await self._registry.ask([command])
        if not answer.accepted:
            if uri:
                await self._storage.delete(uri)
            raise ValueRefused(answer.reason)
        if before is not None and before.uri:
            await self._storage.delete(before.uri)
        return answer.revision or 0

    async def delete(self, names: Sequence[tuple[str, str]]) -> list[bool]:
        """Delete values by namespace and key. Return for each whether it was there."""
        if not names:
            return []
        before = [self._registry.entries.value(*name) for name in names]
        at, reply_to = self._clock(), self._registry.reply_to
        answers = await self._registry.ask(
            [
                DeleteValue(namespace=namespace, key=key, at=at, request_id=new_request(), reply_to=reply_to)
                for namespace, key in names
            ]
        )
        for value, answer in zip(before, answers, strict=True):
            if value is not None and value.uri and answer.accepted:
                await self._storage.delete(value.uri)
        return [_was_there(answer) for answer in answers]


def _was_there(answer: Reply) -> bool:
    if not answer.accepted and answer.code != "missing":
        raise ValueRefused(answer.reason)
    return answer.accepted
