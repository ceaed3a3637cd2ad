"""Which files of a source are new or changed, and that each is reported once whatever dies and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from toccata.plugin import (
    RunContext,
    TaskFailed,
    TriggerEvent,
    TriggerType,
    Watched,
    WatchedProperties,
    watch,
)
from toccata.testing import PolledAlone, problems


class Shelf:
    """A source in memory: names and versions. ``stop`` is the call at which the worker dies."""

    def __init__(self, *, keeps: bool = True) -> None:
        self.keeps = keeps
        self.files: dict[str, str] = {}
        self.taken: list[str] = []
        self.finished: list[str] = []
        self.stop = ""

    async def listed(self) -> Sequence[Watched]:
        return [Watched(name, version, None) for name, version in self.files.items()]

    async def take(self, watched: Watched) -> Mapping[str, Any]:
        self._die("take", watched.key)
        self.taken.append(watched.key)
        return {"name": watched.key}

    async def finish(self, key: str, version: str) -> None:
        self._die("finish", key)
        if not self.keeps and self.files.get(key) == version:
            del self.files[key]
            self.finished.append(key)

    def _die(self, what: str, key: str) -> None:
        if self.stop == f"{what} {key}":
            raise TaskFailed("died")


class Watching(WatchedProperties):
    """Watches a shelf."""


def a_trigger(shelf: Shelf, folder: Path, **properties: Any) -> PolledAlone:
    async def poll(trigger: Watching, run: RunContext) -> Sequence[TriggerEvent]:
        return await watch(trigger, run, shelf, "files")

    declared = TriggerType(
        name="example.Shelf", title="Shelf", properties=Watching, started_by="poll", poll=poll
    )
    return PolledAlone(declared, properties, folder)


def names(events: Sequence[TriggerEvent]) -> list[list[tuple[str, str]]]:
    return [[(each["name"], each["changeType"]) for each in event.variables["files"]] for event in events]


async def test_new_and_changed_files_are_one_event_and_the_same_ones_none(tmp_path: Path) -> None:
    shelf = Shelf()
    trigger = a_trigger(shelf, tmp_path)
    assert await trigger.poll() == []
    shelf.files |= {"a": "1", "b": "1"}
    assert names(await trigger.poll()) == [[("a", "CREATE"), ("b", "CREATE")]]
    assert await trigger.poll() == []
    shelf.files |= {"b": "2", "c": "1"}
    assert names(await trigger.poll()) == [[("b", "UPDATE"), ("c", "CREATE")]]
    assert await trigger.poll() == []


@pytest.mark.parametrize(
    ("on", "first", "second"),
    [
        ("CREATE", [[("a", "CREATE")]], []),
        ("UPDATE", [], [[("a", "UPDATE")]]),
        ("CREATE_OR_UPDATE", [[("a", "CREATE")]], [[("a", "UPDATE")]]),
    ],
)
async def test_on_chooses_what_starts_an_execution(tmp_path: Path, on: str, first: Any, second: Any) -> None:
    shelf = Shelf()
    trigger = a_trigger(shelf, tmp_path, on=on)
    shelf.files["a"] = "1"
    assert names(await trigger.poll()) == first
    shelf.files["a"] = "2"
    assert names(await trigger.poll()) == second
    assert await trigger.poll() == []


async def test_more_than_the_most_follow_with_the_next_polls(tmp_path: Path) -> None:
    shelf = Shelf()
    shelf.files = {str(number): "1" for number in range(5)}
    trigger = a_trigger(shelf, tmp_path, maxFiles=2)
    sizes = [sum(len(each) for each in names(await trigger.poll())) for _ in range(4)]
    assert sizes == [2, 2, 1, 0]
    assert ("WARN", "Too many files to process (5), limiting to 2") in trigger.logs


@pytest.mark.parametrize("stop", ["", "take a", "take b", "finish a", "finish b"])
async def test_a_worker_that_dies_loses_and_doubles_nothing(tmp_path: Path, stop: str) -> None:
    shelf = Shelf(keeps=False)
    shelf.files = {"a": "1", "b": "1"}
    shelf.stop = stop
    trigger = a_trigger(shelf, tmp_path)
    if stop:
        with pytest.raises(TaskFailed, match="died"):
            await trigger.poll()
    else:
        assert len(await trigger.poll(lost=True)) == 1
    shelf.stop = ""
    shelf.files["c"] = "1"
    events = [*await trigger.poll(), *await trigger.poll(), *await trigger.poll()]

    reported = [name for event in names(events) for name, _ in event]
    assert sorted(reported) == ["a", "b", "c"]
    assert len({event.id for event in events}) == len(events)
    assert shelf.files == {}
    assert sorted(shelf.finished) == ["a", "b", "c"]


async def test_a_report_that_is_lost_again_and_again_keeps_its_id(tmp_path: Path) -> None:
    shelf = Shelf(keeps=False)
    shelf.files["a"] = "1"
    trigger = a_trigger(shelf, tmp_path)
    events = [*await trigger.poll(lost=True), *await trigger.poll(lost=True), *await trigger.poll()]
    assert {event.id for event in events} == {"poll-1"}
    assert len(events) == 3
    assert shelf.taken == ["a"], "its copy is there already"
    assert await trigger.poll() == []


async def test_a_file_that_came_again_meanwhile_is_not_taken_away_unread(tmp_path: Path) -> None:
    shelf = Shelf(keeps=False)
    shelf.files["a"] = "1"
    shelf.stop = "finish a"
    trigger = a_trigger(shelf, tmp_path)
    with pytest.raises(TaskFailed):
        await trigger.poll()
    shelf.stop = ""
    shelf.files["a"] = "2"
    assert names(await trigger.poll()) == [[("a", "CREATE")]]
    assert shelf.files == {"a": "2"}
    assert names(await trigger.poll()) == [[("a", "CREATE")]]
    assert shelf.files == {}


async def test_a_file_that_was_taken_away_is_new_when_it_comes_again(tmp_path: Path) -> None:
    shelf = Shelf(keeps=False)
    trigger = a_trigger(shelf, tmp_path)
    for _ in range(2):
        shelf.files["a"] = "1"
        assert names(await trigger.poll()) == [[("a", "CREATE")]]


async def test_what_was_seen_is_forgotten_after_its_time(tmp_path: Path) -> None:
    shelf = Shelf()
    shelf.files["a"] = "1"
    trigger = a_trigger(shelf, tmp_path, stateTtl="PT0S")
    await trigger.poll()
    assert names(await trigger.poll()) == [[("a", "CREATE")]]


async def test_a_value_that_is_no_memory_is_refused_with_its_key(tmp_path: Path) -> None:
    trigger = a_trigger(Shelf(), tmp_path, stateKey="mine")
    await trigger.values.set("mine", "a text")
    with pytest.raises(TaskFailed, match="the value `mine` of the namespace is no memory of a trigger"):
        await trigger.poll()


def test_wrong_properties_are_found_when_the_flow_is_saved() -> None:
    declared = TriggerType(
        name="example.Shelf", title="Shelf", properties=Watching, started_by="poll", poll="a:b"
    )
    written = {"on": "DELETE", "maxFiles": 0, "stateTtl": "soon", "interval": "PT0S"}
    assert {problem.path for problem in problems(declared, written)} == set(written)
