"""Tasks and functions of the KV store, run by the worker's own runner over the registry's own machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from contracts.execution import AttemptEnded
from tests.support.attempt import Bench
from toccata.plugins.families.core.debug import RETURN
from toccata.plugins.families.core.kv import DELETE, GET, GET_KEYS, PURGE, SET
from toccata.runtime.namespace.values import INLINE_BYTES


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


async def put(bench: Bench, key: str, value: Any, **other: Any) -> AttemptEnded:
    ended = await bench.run(SET, {"key": key, "value": value, **other})
    assert ended.outcome == "succeeded", ended.message
    return ended


async def read(bench: Bench, template: str, **fields: Any) -> str:
    ended = await bench.run(RETURN, {"format": template}, **fields)
    return str(ended.outputs["value"]) if ended.outcome == "succeeded" else f"failed: {ended.message}"


@pytest.mark.parametrize(
    ("value", "kind", "held", "value_kind"),
    [
        ("text", None, "text", "STRING"),
        ("{{ 1 + 1 }}", None, 2, "NUMBER"),
        ("{{ [1, 'a'] }}", None, [1, "a"], "JSON"),
        ("n = {{ 2 }}", None, "n = 2", "STRING"),
        ("{{ '5' }}", "NUMBER", 5, "NUMBER"),
        (5, "STRING", "5", "STRING"),
        ('{"a": [1]}', "JSON", {"a": [1]}, "JSON"),
        ("2024-05-01T10:00:00Z", "DATETIME", "2024-05-01T10:00:00Z", "DATETIME"),
        ("P1D", "DURATION", "PT24H", "DURATION"),
        (True, None, True, "BOOLEAN"),
    ],
)
async def test_a_value_is_stored_with_its_type(
    bench: Bench, value: Any, kind: str | None, held: Any, value_kind: str
) -> None:
    await put(bench, "k", value, **({"kvType": kind} if kind else {}))
    ended = await bench.run(GET, {"key": "k"})
    assert ended.outputs == {"value": held}
    (stored,) = bench.namespaces.values.listed("company.team")
    assert stored.kind == value_kind


async def test_what_does_not_fit_fails_and_says_what(bench: Bench) -> None:
    ended = await bench.run(SET, {"key": "k", "value": "five", "kvType": "NUMBER"})
    assert (ended.outcome, ended.message) == ("failed", "`five` is no NUMBER: expected such as 42 or 3.14")
    ended = await bench.run(SET, {"key": "a b", "value": 1})
    assert "Key must start with an alphanumeric character" in ended.message


async def test_a_key_is_not_overwritten_against_ones_will(bench: Bench) -> None:
    await put(bench, "k", 1)
    ended = await bench.run(SET, {"key": "k", "value": 2, "overwrite": False})
    assert (ended.outcome, ended.message) == (
        "failed",
        "The key `k` already exists in namespace `company.team`",
    )
    assert await read(bench, "{{ kv('k') }}") == "1"


async def test_a_large_value_is_in_internal_storage_and_its_old_content_goes(bench: Bench) -> None:
    large = "ä" * INLINE_BYTES
    await put(bench, "k", large)
    (first,) = bench.namespaces.values.listed()
    assert (first.value, first.uri != "") == ("", True)
    assert await read(bench, "{{ kv('k') | length }}") == str(INLINE_BYTES)

    await put(bench, "k", large + "x")

    assert not await bench.storage.exists(first.uri)
    assert await read(bench, "{{ kv('k') | length }}") == str(INLINE_BYTES + 1)


async def test_an_expired_value_is_an_error_for_readers_and_gone_for_lists(bench: Bench) -> None:
    await put(bench, "k", 1, ttl="PT1M")
    await put(bench, "stays", 1)
    bench.namespaces.registry.now = bench.namespaces.registry.clock() + 60_001

    assert "expired" in await read(bench, "{{ kv('k') ?? 'x' }}")
    assert await read(bench, "{{ kv('k', errorOnMissing=false) ?? 'x' }}") == "x"
    assert "expired" in (await bench.run(GET, {"key": "k"})).message
    assert (await bench.run(GET_KEYS, {})).outputs == {"keys": ["stays"]}
    await put(bench, "k", 2, overwrite=False)
    assert await read(bench, "{{ kv('k') }}") == "2"


async def test_kv_finds_values_of_namespaces_above(bench: Bench) -> None:
    await put(bench, "k", "above", namespace="company")
    assert await read(bench, "{{ kv('k') }}") == "above"
    assert (await bench.run(GET, {"key": "k"})).outputs == {"value": "above"}
    assert "does not exist in the namespace 'other'" in await read(bench, "{{ kv('k', 'other') }}")
    await put(bench, "k", "own")
    assert await read(bench, "{{ kv('k') }} {{ kv(key='k', namespace='company') }}") == "own above"


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ kv('no') ?? 'd' }}", "d"),
        ("{{ kv('no', errorOnMissing=false) }}", ""),
        ("{{ kv('no', errorOnMissing=false) ?? 'd' }}", "d"),
        ("{{ kv('map').a.b }}", "1"),
        ("{{ kv('map') }}", '{"a":{"b":1}}'),
    ],
)
async def test_kv_in_templates(bench: Bench, template: str, text: str) -> None:
    await put(bench, "map", '{"a": {"b": 1}}', kvType="JSON")
    assert await read(bench, template) == text


async def test_a_missing_key_is_an_error_that_names_it(bench: Bench) -> None:
    assert "The key 'no' does not exist in the namespace 'company.team'" in await read(
        bench, "{{ kv('no') }}"
    )
    assert (await bench.run(GET, {"key": "no"})).outputs == {}
    assert (await bench.run(GET, {"key": "no", "errorOnMissing": True})).outcome == "failed"


async def test_kv_within_a_rendered_variable(bench: Bench) -> None:
    await put(bench, "k", 7)
    text = await read(bench, "{{ render(vars.x) }}", variables={"vars": {"x": "{{ kv('k') }}"}})
    assert text == "7"


async def test_delete_says_whether_there_was_a_value(bench: Bench) -> None:
    await put(bench, "k", 1)
    assert (await bench.run(DELETE, {"key": "k"})).outputs == {"deleted": True}
    assert (await bench.run(DELETE, {"key": "k"})).outputs == {"deleted": False}
    assert (await bench.run(DELETE, {"key": "k", "errorOnMissing": True})).outcome == "failed"


async def test_keys_by_prefix(bench: Bench) -> None:
    for key in ("b", "a1", "a2"):
        await put(bench, key, 1)
    await put(bench, "a3", 1, namespace="other")
    assert (await bench.run(GET_KEYS, {"prefix": "a"})).outputs == {"keys": ["a1", "a2"]}
    assert (await bench.run(GET_KEYS, {"namespace": "other"})).outputs == {"keys": ["a3"]}


async def test_a_purge_deletes_expired_values_of_the_namespaces_that_are_meant(bench: Bench) -> None:
    for namespace in ("a", "a.b", "ab"):
        await put(bench, "old", 1, namespace=namespace, ttl="PT1S")
        await put(bench, "new", 1, namespace=namespace)
    bench.namespaces.registry.now = bench.namespaces.registry.clock() + 2_000

    alone = {"namespaces": ["a"], "includeChildNamespaces": False}
    assert (await bench.run(PURGE, {**alone, "keyPattern": "n*"})).outputs == {"size": 0}
    assert (await bench.run(PURGE, alone)).outputs == {"size": 1}
    assert (await bench.run(PURGE, {"namespaces": ["a"]})).outputs == {"size": 1}
    assert (await bench.run(PURGE, {"behavior": {"type": "version", "keepAmount": 1}})).outputs == {"size": 0}
    everything = {"namespacePattern": "a*", "behavior": {"type": "key", "expiredOnly": False}}
    assert (await bench.run(PURGE, everything)).outputs == {"size": 4}
    both = {"namespaces": ["a"], "namespacePattern": "*"}
    assert "cannot be used together" in (await bench.run(PURGE, both)).message
