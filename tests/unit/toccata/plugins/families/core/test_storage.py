"""The storage tasks, run by the worker's own runner."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.attempt import Bench
from tests.support.outcome import good
from toccata.plugin import TaskFailed
from toccata.plugins.families.core.run.storage import bytes_of
from toccata.plugins.families.core.storage import (
    CONCAT,
    DEDUPLICATE_ITEMS,
    DELETE,
    FILTER_ITEMS,
    LOCAL_FILES,
    PURGE_CURRENT_EXECUTION_FILES,
    REVERSE,
    SIZE,
    SPLIT,
    WRITE,
)

PLACE = "kestra:///company/team/f/executions/e1/"
ROWS = '{"id":1,"n":5}\n{"id":2,"n":0}\n{"id":1,"n":7}\n'


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


async def a_file(bench: Bench, content: str, name: str = "in.txt") -> str:
    return await bench.storage.put(f"{PLACE}inputs/x/{name}", content.encode())


async def text(bench: Bench, uri: str) -> str:
    return (await bench.storage.get(uri)).decode()


async def test_write_keeps_the_rendered_text_and_the_extension(bench: Bench) -> None:
    uri = good(await bench.run(WRITE, {"content": "Grüße, {{ n }}", "extension": ".md"}, variables={"n": 1}))[
        "uri"
    ]
    assert uri.startswith(f"{PLACE}tasks/t1/tr1/")
    assert uri.endswith(".md")
    assert await text(bench, uri) == "Grüße, 1"


@pytest.mark.parametrize(("separator", "joined"), [(None, "ab"), ("\n", "a\nb\n")])
async def test_concat_writes_the_separator_after_each_file(bench: Bench, separator: Any, joined: str) -> None:
    a, b = await a_file(bench, "a", "a"), await a_file(bench, "b", "b")
    given = {"files": f'["{a}", "{b}"]', "extension": ".csv"}
    uri = good(await bench.run(CONCAT, given if separator is None else {**given, "separator": separator}))[
        "uri"
    ]
    assert (await text(bench, uri), uri[-4:]) == (joined, ".csv")


async def test_a_missing_file_fails_by_name(bench: Bench) -> None:
    for task, properties in (
        (CONCAT, {"files": [f"{PLACE}no"]}),
        (SIZE, {"uri": f"{PLACE}no"}),
        (REVERSE, {"from": f"{PLACE}no"}),
        (DELETE, {"uri": f"{PLACE}no", "errorOnMissing": True}),
    ):
        ended = await bench.run(task, properties)
        assert (ended.outcome, f"{PLACE}no" in ended.message) == ("failed", True), ended.message


async def test_size_and_delete(bench: Bench) -> None:
    uri = await a_file(bench, "äb")
    assert good(await bench.run(SIZE, {"uri": uri})) == {"size": 3}
    assert good(await bench.run(DELETE, {"uri": uri})) == {"uri": uri, "deleted": True}
    assert good(await bench.run(DELETE, {"uri": uri})) == {"uri": uri, "deleted": False}


async def test_reverse_turns_lines_around(bench: Bench) -> None:
    uri = await a_file(bench, "1\n2\n3", "in.csv")
    made = good(await bench.run(REVERSE, {"from": uri}))["uri"]
    assert (await text(bench, made), made[-4:]) == ("3\n2\n1\n", ".csv")


@pytest.mark.parametrize(
    ("how", "parts"),
    [
        ({"rows": 2}, ["1\n2\n", "3\n4\n", "5\n"]),
        ({"partitions": 2}, ["1\n3\n5\n", "2\n4\n"]),
        ({"partitions": 9}, ["1\n", "2\n", "3\n", "4\n", "5\n"]),
        ({"bytes": "4B"}, ["1\n2\n", "3\n4\n", "5\n"]),
        ({"bytes": "1KB"}, ["1\n2\n3\n4\n5\n"]),
        ({"regexPattern": "^([12])"}, ["1\n", "2\n"]),
        ({"rows": 2, "separator": "\n3\n"}, ["1\n2\n3\n4\n5\n\n3\n"]),
    ],
)
async def test_split(bench: Bench, how: dict[str, Any], parts: list[str]) -> None:
    uri = await a_file(bench, "1\n2\n3\n4\n5\n")
    uris = good(await bench.run(SPLIT, {"from": uri, **how}))["uris"]
    assert [await text(bench, each) for each in uris] == parts


@pytest.mark.parametrize(
    "how", [{}, {"rows": 1, "partitions": 1}, {"bytes": "much"}, {"regexPattern": "a"}, {"regexPattern": "("}]
)
async def test_a_split_that_does_not_say_how_fails(bench: Bench, how: dict[str, Any]) -> None:
    uri = await a_file(bench, "1\n")
    assert (await bench.run(SPLIT, {"from": uri, **how})).outcome == "failed"


@pytest.mark.parametrize(
    ("size", "count"), [("10", 10), ("2KB", 2048), ("1.5 MB", 1_572_864), ("1kib", 1024), ("3 B", 3)]
)
def test_sizes(size: str, count: int) -> None:
    assert bytes_of(size) == count


def test_a_size_of_nothing_is_none() -> None:
    with pytest.raises(TaskFailed, match="is no size"):
        bytes_of("0MB")


@pytest.mark.parametrize(
    ("how", "kept"),
    [
        ({}, [0, 2]),
        ({"filterType": "EXCLUDE"}, [1]),
        ({"filterCondition": "{{ no > 1 }}", "errorOrNullBehavior": "INCLUDE"}, [0, 1, 2]),
        ({"filterCondition": "{{ no > 1 }}", "errorOrNullBehavior": "EXCLUDE"}, []),
    ],
)
async def test_rows_are_filtered(bench: Bench, how: dict[str, Any], kept: list[int]) -> None:
    uri = await a_file(bench, ROWS, "rows.ion")
    outputs = good(await bench.run(FILTER_ITEMS, {"from": uri, "filterCondition": "{{ n > 0 }}", **how}))
    lines = ROWS.splitlines(keepends=True)
    assert await text(bench, outputs["uri"]) == "".join(lines[number] for number in kept)
    assert (outputs["processedItemsTotal"], outputs["droppedItemsTotal"]) == (3, 3 - len(kept))


async def test_a_row_that_cannot_be_decided_fails_by_default(bench: Bench) -> None:
    uri = await a_file(bench, ROWS)
    ended = await bench.run(FILTER_ITEMS, {"from": uri, "filterCondition": "{{ no > 1 }}"})
    assert (ended.outcome, '{"id":1,"n":5}' in ended.message) == ("failed", True)
    broken = await a_file(bench, "{}\n{a\n", "broken")
    ended = await bench.run(FILTER_ITEMS, {"from": broken, "filterCondition": "true"})
    assert "row 2 is not JSON" in ended.message


async def test_the_last_row_of_a_key_stays(bench: Bench) -> None:
    uri = await a_file(bench, ROWS)
    outputs = good(await bench.run(DEDUPLICATE_ITEMS, {"from": uri, "expr": "{{ id }}"}))
    assert await text(bench, outputs.pop("uri")) == '{"id":2,"n":0}\n{"id":1,"n":7}\n'
    assert outputs == {"numKeys": 2, "processedItemsTotal": 3, "droppedItemsTotal": 1}


async def test_local_files_are_written_and_kept(bench: Bench) -> None:
    uri = await a_file(bench, "far")
    given = {"inputs": {"a/near.txt": "near", "far.txt": uri}, "outputs": ["**.txt"]}
    uris = good(await bench.run(LOCAL_FILES, given))["uris"]
    assert {name: await text(bench, each) for name, each in uris.items()} == {
        "a/near.txt": "near",
        "far.txt": "far",
    }
    assert (await bench.run(LOCAL_FILES, {"inputs": {"../x": "y"}})).outcome == "failed"


async def test_a_purge_deletes_the_executions_files_and_nothing_else(bench: Bench) -> None:
    mine = await a_file(bench, "x")
    written = good(await bench.run(WRITE, {"content": "x"}))["uri"]
    engine = await bench.storage.put(f"{PLACE}tasks/t/tr/outputs-1.json", b"{}")
    other = await bench.storage.put("kestra:///company/team/f/executions/e2/x", b"x")

    uris = good(await bench.run(PURGE_CURRENT_EXECUTION_FILES, {}))["uris"]

    assert sorted(uris) == sorted([mine, written])
    assert [await bench.storage.exists(uri) for uri in (mine, written, engine, other)] == [
        False,
        False,
        True,
        True,
    ]
