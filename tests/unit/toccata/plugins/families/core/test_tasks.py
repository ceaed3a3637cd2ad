"""The core tasks, run by the worker's own runner."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.support.attempt import Bench, a_run
from toccata.plugins.families.core.debug import ECHO, RETURN
from toccata.plugins.families.core.execution import FAIL
from toccata.plugins.families.core.flow import SLEEP
from toccata.plugins.families.core.log import LOG
from toccata.plugins.families.core.output import OUTPUT_VALUES


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


async def test_log_renders_each_message_at_its_level(bench: Bench) -> None:
    variables = {"inputs": {"name": "Will", "level": "WARN"}}
    messages = ["Hello, {{ inputs.name }}!", "plain"]
    ended = await bench.run(LOG, {"message": messages, "level": "{{ inputs.level }}"}, variables=variables)
    assert ended.outcome == "succeeded"
    assert ended.outputs == {}
    assert bench.messages == [("WARN", "Hello, Will!"), ("WARN", "plain")]


async def test_log_is_at_info_by_default(bench: Bench) -> None:
    await bench.run(LOG, {"message": "x"})
    assert bench.messages == [("INFO", "x")]


@pytest.mark.parametrize("message", [5, {"a": 1}, None])
async def test_log_of_anything_but_text_fails(bench: Bench, message: Any) -> None:
    ended = await bench.run(LOG, {"message": message})
    assert ended.outcome == "failed"
    assert "message" in ended.message


async def test_lines_below_the_tasks_log_level_are_dropped(bench: Bench) -> None:
    await bench.run(RETURN, {"format": "x"}, task={"logLevel": "INFO"})
    assert bench.messages == []


async def test_return_gives_the_rendered_text_logs_it_at_debug_and_measures_it(bench: Bench) -> None:
    ended = await bench.run(RETURN, {"format": "{{ a }}b"}, variables={"a": 1})
    assert ended.outputs == {"value": "1b"}
    assert bench.messages == [("DEBUG", "1b")]
    assert [(point.kind, point.name) for point in bench.points] == [
        ("counter", "length"),
        ("timer", "duration"),
    ]
    assert bench.points[0].value == 2


async def test_return_without_format_has_no_value(bench: Bench) -> None:
    ended = await bench.run(RETURN, {})
    assert (ended.outcome, ended.outputs) == ("succeeded", {})


async def test_echo_logs(bench: Bench) -> None:
    await bench.run(ECHO, {"format": "x", "level": "ERROR"})
    assert bench.messages == [("ERROR", "x")]


async def test_output_values_keeps_types_of_leaves_and_text_of_strings(bench: Bench) -> None:
    values = {"n": 1, "t": "{{ n }}", "deep": {"{{ k }}": ["{{ n }}", True]}, "none": None}
    ended = await bench.run(OUTPUT_VALUES, {"values": values}, variables={"n": 2, "k": "key"})
    assert ended.outputs == {"values": {"n": 1, "t": "2", "deep": {"key": ["2", True]}, "none": None}}


@pytest.mark.parametrize("condition", ["{{ true }}", "no", "False", True])
async def test_fail_fails_on_a_true_condition(bench: Bench, condition: Any) -> None:
    ended = await bench.run(FAIL, {"condition": condition, "errorMessage": "why {{ n }}"}, variables={"n": 1})
    assert (ended.outcome, ended.message) == ("failed", "why 1")
    assert bench.messages == [("ERROR", "why 1")]


@pytest.mark.parametrize("condition", ["{{ false }}", "0", "-0", "", "false", " ", "false\n", False])
async def test_fail_succeeds_on_a_false_condition(bench: Bench, condition: Any) -> None:
    assert (await bench.run(FAIL, {"condition": condition})).outcome == "succeeded"


async def test_fail_without_condition_fails(bench: Bench) -> None:
    ended = await bench.run(FAIL, {})
    assert (ended.outcome, ended.message) == ("failed", "Task failure")


async def test_sleep_waits_as_long_as_it_says(bench: Bench) -> None:
    ended = await bench.run(SLEEP, {"duration": "PT0.0{{ n }}S"}, variables={"n": 5})
    assert ended.outcome == "succeeded"
    assert ended.started_at is not None
    assert ended.at - ended.started_at >= 49


async def test_a_time_out_ends_a_sleep_and_says_so(bench: Bench) -> None:
    ended = await bench.run(SLEEP, {"duration": "PT1H"}, timeout_template="PT0.0{{ n }}S", variables={"n": 2})
    assert (ended.outcome, ended.message) == ("timed_out", "Timeout after PT0.02S")
    assert bench.messages == [("ERROR", "Timeout after PT0.02S")]


async def test_a_time_out_that_is_no_duration_fails_the_attempt(bench: Bench) -> None:
    ended = await bench.run(SLEEP, {"duration": "PT1H"}, timeout_template="{{ n }}", variables={"n": "soon"})
    assert ended.outcome == "failed"
    assert "invalid ISO-8601 duration `soon`" in ended.message


async def test_a_kill_ends_a_sleep(bench: Bench) -> None:
    runner = bench.runner(SLEEP, a_run(SLEEP.name, {"duration": "PT1H"}))
    task = asyncio.ensure_future(runner.run())
    await asyncio.sleep(0)
    runner.stop("cancelled")
    task.cancel()
    await task
    assert runner.outcome == "cancelled"
