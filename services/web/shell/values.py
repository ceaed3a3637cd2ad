"""Reads and writes values of namespaces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from contracts.namespace import ValueState
from contracts.namespace_path import with_parents
from services.web.core.problem import Problem, invalid_argument, not_found
from toccata.runtime.errors import StorageRefused
from toccata.runtime.namespace.values import NewValue, ValueRefused, ValueStore


class Values:
    """Every read sees all writes that were answered before, of this web, of others, and of tasks. All may raise Transient."""

    def __init__(self, store: ValueStore) -> None:
        self._store = store

    async def listed(self, namespace: str | None = None) -> list[ValueState]:
        await self._store.catch_up()
        return self._store.listed(namespace)

    async def inherited(self, namespace: str) -> list[ValueState]:
        """Values of the namespaces above, each key once, from the nearest of them."""
        await self._store.catch_up()
        found: dict[str, ValueState] = {}
        for name in list(with_parents(namespace))[1:]:
            for value in self._store.listed(name):
                found.setdefault(value.key, value)
        return list(found.values())

    async def get(self, namespace: str, key: str) -> tuple[ValueState, Any]:
        """A value and its content. Raises Problem 404, or 410 if it has expired."""
        await self._store.catch_up()
        found = self._store.find(namespace, key)
        if found is None:
            raise not_found(f"No value found for key '{key}' in namespace '{namespace}'")
        if self._store.expired(found):
            raise Problem(410, "resource-expired", f"Gone: the value of key {key} has expired")
        try:
            return found, await self._store.content(found)
        except StorageRefused:
            raise not_found(f"the value of key {key} was replaced or deleted meanwhile") from None

    async def put(self, namespace: str, key: str, new: NewValue) -> None:
        try:
            await self._store.put(namespace, key, new)
        except ValueRefused as refused:
            raise invalid_argument(str(refused)) from None

    async def delete(self, namespace: str, keys: Sequence[str]) -> list[str]:
        """The keys that had a value."""
        unique = list(dict.fromkeys(keys))
        deleted = await self._store.delete([(namespace, key) for key in unique])
        return [key for key, was_there in zip(unique, deleted, strict=True) if was_there]
