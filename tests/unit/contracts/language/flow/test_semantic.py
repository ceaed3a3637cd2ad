"""Parts that are valid alone and wrong together."""

from __future__ import annotations

import pytest

from contracts.language.flow.violation import MOST_FINDINGS
from contracts.language.nearest import MOST_GUESSES
from tests.unit.contracts.language.flow.catalog_of_types import LOG
from tests.unit.contracts.language.flow.flow_source import HEAD, TASKS, found, parsed, the_one


def test_ids_are_unique_over_all_lists_of_tasks():
    text = HEAD + TASKS + f"errors:\n  - {{id: t, type: {LOG}, message: m}}\n"
    assert the_one(text) == ("errors[0].id", 6, 6, "Duplicate task id with name [t]")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            "triggers: [{id: w, type: io.kestra.plugin.core.trigger.Webhook, key: a}, {id: w, type: io.kestra.plugin.core.trigger.Webhook, key: b}]",
            "Duplicate trigger id with name [w]",
        ),
        ("inputs: [{id: i, type: INT}, {id: i, type: INT}]", "Duplicate input with name [i]"),
        (
            "outputs: [{id: i, type: INT, value: 1}, {id: i, type: INT, value: 1}]",
            "Duplicate output with name [i]",
        ),
        (
            "outputs: [{id: i, type: ARRAY, itemType: ARRAY, value: []}]",
            "Invalid type of items: ARRAY, use one of BOOL, ",
        ),
        (
            "inputs: [{id: i, type: INT, dependsOn: {inputs: [j]}}]",
            "Input with id 'i' depends on a non-existent input 'j'.",
        ),
        (
            "inputs: [{id: db, type: INT}, {id: db.port, type: INT}]",
            "Inputs `db` and `db.port` conflict: one is inside the other",
        ),
        (
            "pluginDefaults: [{type: io.kestra.plugin.core.log.Log, values: {colour: red}}]",
            "Invalid Plugin Default: No property 'colour' exists in plugin 'io.kestra.plugin.core.log.Log'",
        ),
        (
            "inputs: [{id: i, type: INT}, {id: j, type: INT, required: false}]\ntriggers: [{id: s, type: io.kestra.plugin.core.trigger.Schedule, cron: '@daily'}]",
            "Missing inputs for Schedule Trigger 's', missing inputs: 'i'",
        ),
    ],
)
def test_parts_that_contradict_each_other_are_refused(more, message):
    assert the_one(HEAD + TASKS + more)[3].startswith(message)


def test_a_cycle_among_inputs_is_refused_for_each_of_them():
    inputs = (
        "inputs: [{id: i, type: INT, dependsOn: {inputs: [j]}}, {id: j, type: INT, dependsOn: {inputs: [i]}}]"
    )
    messages = [each[3] for each in found(HEAD + TASKS + inputs)]
    assert messages == [f"Cycle dependency detected for input with id {name}" for name in "ij"]


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "".join(f"task{n}: 1\n" for n in range(200)) + TASKS,
        HEAD + "tasks:\n" + "".join(f"- {{id: t{n}, type: Lo{n}}}\n" for n in range(200)),
        HEAD + f"tasks:\n- id: t\n  type: {LOG}\n" + "".join(f"  mesage{n}: 1\n" for n in range(200)),
        HEAD + TASKS + "inputs:\n" + "".join(f"- {{id: i{n}, type: STRIN{n}}}\n" for n in range(200)),
        HEAD
        + TASKS
        + "inputs:\n- {id: known, type: INT}\n"
        + "".join(f"- {{id: i{n}, type: INT, dependsOn: {{inputs: [knwn{n}]}}}}\n" for n in range(200)),
    ],
    ids=["keys of the flow", "types", "keys of a task", "types of inputs", "inputs that others need"],
)
def test_a_flow_of_unknown_words_is_refused_without_a_search_for_each(text):
    """A search costs milliseconds, and web reads flows on its event loop: 400 kB of such words held it for minutes."""
    errors = parsed(text).errors
    assert MOST_FINDINGS + int(errors[-1].message.split()[0]) >= 200
    assert sum(bool(each.suggestion) for each in errors) <= MOST_GUESSES < MOST_FINDINGS
