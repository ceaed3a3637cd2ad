from __future__ import annotations

from typing import Any

import pytest

from contracts.language.flow.plugin_default import apply_defaults

LOG = "io.kestra.plugin.core.log.Log"


def merged(task, *defaults):
    value: Any = apply_defaults({"tasks": [task], "pluginDefaults": list(defaults)}).value
    return value["tasks"][0]


def entry(type_name, values, **more):
    return {"type": type_name, "values": values, **more}


def test_what_is_written_on_the_task_wins():
    assert merged({"type": LOG, "level": "INFO"}, entry(LOG, {"level": "ERROR"}))["level"] == "INFO"
    assert merged({"type": LOG}, entry(LOG, {"level": "ERROR"}))["level"] == "ERROR"


@pytest.mark.parametrize("forced", [False, True])
@pytest.mark.parametrize("inner", [{"type": LOG}, [{"type": LOG}], {"a": {"type": LOG}}])
def test_an_entry_with_an_object_of_its_own_type_in_it_ends(inner, forced):
    task = merged({"type": LOG, "x": [{"type": LOG}]}, entry(LOG, {"x": inner, "y": 1}, forced=forced))
    assert task["y"] == 1
    assert "x" not in str(task["x"])


def test_a_forced_entry_wins_over_what_is_written():
    task = merged({"type": LOG, "level": "INFO"}, entry(LOG, {"level": "ERROR"}, forced=True))
    assert task["level"] == "ERROR"


def test_an_entry_applies_to_every_type_that_starts_with_it():
    assert merged({"type": LOG}, entry("io.kestra.plugin.core", {"level": "WARN"})) == {
        "type": LOG,
        "level": "WARN",
    }
    assert merged({"type": LOG}, entry("io.kestra.plugin.scripts", {"level": "WARN"})) == {"type": LOG}


def test_of_several_entries_the_first_wins_and_later_ones_fill_what_is_missing():
    task = merged(
        {"type": LOG}, entry(LOG, {"level": "WARN"}), entry("io.kestra", {"level": "ERROR", "message": "m"})
    )
    assert task == {"type": LOG, "level": "WARN", "message": "m"}
    forced = merged(
        {"type": LOG}, entry(LOG, {"level": "WARN"}, forced=True), entry(LOG, {"level": "ERROR"}, forced=True)
    )
    assert forced["level"] == "WARN"


def test_maps_merge_deeply_and_lists_are_concatenated():
    task = merged(
        {"type": LOG, "env": {"A": 1}, "list": [2]}, entry(LOG, {"env": {"A": 0, "B": 0}, "list": [1]})
    )
    assert task["env"] == {"A": 1, "B": 0}
    assert task["list"] == [1, 2]


def test_nested_tasks_triggers_and_runners_are_objects_too():
    value: Any = {
        "tasks": [{"type": "x.If", "then": [{"type": LOG}], "taskRunner": {"type": "r.Docker"}}],
        "triggers": [{"type": "t.Schedule"}],
        "taskDefaults": [
            entry(LOG, {"level": "WARN"}),
            entry("r.", {"cpu": 2}),
            entry("t.Schedule", {"cron": "@daily"}),
        ],
    }
    result = apply_defaults(value)
    out: Any = result.value
    task = out["tasks"][0]
    assert task["then"] == [{"type": LOG, "level": "WARN"}]
    assert task["taskRunner"] == {"type": "r.Docker", "cpu": 2}
    assert out["triggers"] == [{"type": "t.Schedule", "cron": "@daily"}]
    assert result.added[("tasks", 0, "then", 0)] == {"level"}
    assert value["triggers"] == [{"type": "t.Schedule"}]


def test_old_names_match_on_both_sides():
    old = "io.kestra.core.tasks.log.Log"
    assert merged({"type": old}, entry(LOG, {"level": "WARN"}))["level"] == "WARN"
    assert merged({"type": LOG}, entry(old, {"level": "WARN"}))["level"] == "WARN"


def test_a_default_never_changes_who_an_object_is():
    task = merged({"type": LOG, "id": "a"}, entry(LOG, {"id": "b", "type": "other"}, forced=True))
    assert task == {"type": LOG, "id": "a"}
