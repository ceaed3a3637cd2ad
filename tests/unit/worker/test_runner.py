"""The border between our code and a plugin's: anything that a plugin does gives one outcome."""

from __future__ import annotations

import asyncio
import base64
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from contracts.address import ReplyTo
from contracts.execution import AttemptEnded
from services.worker.runner import INLINE_BYTES, OUTPUT_BYTES
from tests.support.attempt import Bench, a_run, reference
from toccata.plugin import Outputs, Properties, RunContext, TaskFailed, TaskType, dynamic
from toccata.plugins.families.core.debug import RETURN
from toccata.plugins.families.core.log import LOG


class Nothing(Properties):
    text: str | None = dynamic(None)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def a_type(run: Callable[[Any, RunContext], Any]) -> TaskType:
    return TaskType(name="test.Type", title="Test", properties=Nothing, run=run)


async def give(bench: Bench, outputs: Any) -> AttemptEnded:
    async def run(task: Nothing, run: RunContext) -> Outputs:
        return outputs  # type: ignore[no-any-return]

    return await bench.run(a_type(run), {})


async def fail(bench: Bench, error: BaseException) -> AttemptEnded:
    async def run(task: Nothing, run: RunContext) -> None:
        raise error

    return await bench.run(a_type(run), {})


async def test_an_unknown_type_fails_by_name(bench: Bench) -> None:
    ended = await bench.run_attempt(None, a_run("no.such.Type"))
    assert ended.outcome == "failed"
    assert "`no.such.Type`" in ended.message
    assert bench.messages == [("ERROR", ended.message)]


async def test_an_attempt_that_wants_its_answers_elsewhere_does_not_run(bench: Bench) -> None:
    began: list[str] = []

    async def run(task: Nothing, run: RunContext) -> None:
        began.append("here")

    for topic, outcome in (("executions.reports", "succeeded"), ("registry.commands", "failed")):
        ended = await bench.run(a_type(run), {}, reply_to=ReplyTo(topic, "asker"))
        assert ended.outcome == outcome
    assert began == ["here"]
    assert "no answer may go to topic `registry.commands`" in ended.message


async def test_a_task_that_is_no_object_fails(bench: Bench) -> None:
    broken = msgspec.structs.replace(a_run(LOG.name), task=msgspec.Raw(b"[1]"))
    ended = await bench.run_attempt(LOG, broken)
    assert ended.outcome == "failed"


async def test_whatever_a_plugin_raises_is_its_failure_with_the_trace_at_debug(bench: Bench) -> None:
    ended = await fail(bench, KeyError("x"))
    assert (ended.outcome, ended.message) == ("failed", "KeyError: 'x'")
    assert [level for level, _ in bench.messages] == ["DEBUG", "ERROR"]
    assert "Traceback" in bench.messages[0][1]


async def test_the_first_failure_of_a_group_is_the_message_and_its_outputs_are_kept(bench: Bench) -> None:
    ended = await fail(bench, ExceptionGroup("all", [TaskFailed("why", {"code": 3}), ValueError()]))
    assert (ended.message, ended.outputs) == ("why", {"code": 3})


async def test_a_time_out_of_the_plugins_own_is_a_failure(bench: Bench) -> None:
    ended = await fail(bench, TimeoutError("slow server"))
    assert (ended.outcome, ended.message) == ("failed", "TimeoutError: slow server")


async def test_a_warning_ends_as_warned(bench: Bench) -> None:
    async def run(task: Nothing, run: RunContext) -> None:
        run.warn("careful")

    ended = await bench.run(a_type(run), {})
    assert ended.outcome == "warned"
    assert bench.messages == [("WARN", "careful")]


async def test_a_failing_expression_is_reported_with_its_place(bench: Bench) -> None:
    ended = await bench.run(RETURN, {"format": "{{ inputs.nope }}"}, variables={"inputs": {}})
    assert ended.outcome == "failed"
    assert "nope" in ended.message
    assert "line 1" in ended.message


async def test_a_template_that_loops_for_ever_ends(bench: Bench) -> None:
    template = "{% for a in range(0, 999) %}" * 6 + "x" + "{% endfor %}" * 6
    ended = await bench.run(RETURN, {"format": template})
    assert ended.outcome == "failed"


async def test_large_outputs_go_to_storage_by_reference(bench: Bench) -> None:
    value = "x" * (INLINE_BYTES + 1)
    ended = await give(bench, {"value": value})
    assert ended.outputs == {}
    assert ended.outputs_uri == "kestra:///company/team/f/executions/e1/tasks/t1/tr1/outputs-1.json"
    assert msgspec.json.decode(await bench.storage.get(ended.outputs_uri)) == {"value": value}


async def test_a_log_in_a_file_is_stored_and_its_lines_are_not_sent(bench: Bench) -> None:
    task = {"logToFile": True, "logLevel": "INFO"}
    ended = await bench.run(LOG, {"message": ["one", "zwei ü"]}, task=task)
    assert ended.log_uri == "kestra:///company/team/f/executions/e1/tasks/t1/tr1/attempt-1.log"
    kept = (await bench.storage.get(ended.log_uri)).decode()
    assert [line.split(" ", 1)[1] for line in kept.splitlines()] == ["INFO one", "INFO zwei ü"]
    assert bench.messages == []
    failed = await bench.run(RETURN, {"format": "{{ nothing }}"}, task=task, number=2)
    assert failed.log_uri is not None
    assert failed.message in (await bench.storage.get(failed.log_uri)).decode()


async def test_a_log_that_cannot_be_stored_fails_the_attempt(bench: Bench) -> None:
    place = bench.home / "storage" / "company" / "team" / "f" / "executions" / "e1" / "tasks" / "t1"
    place.parent.mkdir(parents=True)
    place.write_text("no folder")
    ended = await bench.run(LOG, {"message": "one"}, task={"logToFile": True})
    assert (ended.outcome, ended.log_uri) == ("failed", None)
    assert ended.message.startswith("cannot store the task's log: ")


async def test_outputs_over_the_limit_fail_the_attempt(bench: Bench) -> None:
    ended = await give(bench, {"value": "x" * OUTPUT_BYTES})
    assert ended.outcome == "failed"
    assert f"the limit is {OUTPUT_BYTES}" in ended.message
    assert ended.outputs == {}


@pytest.mark.parametrize("value", [object(), {1, object()}, "\ud800"])
async def test_outputs_that_are_no_json_fail_the_attempt(bench: Bench, value: Any) -> None:
    ended = await give(bench, {"value": value})
    assert ended.outcome == "failed"
    assert "not JSON" in ended.message


async def test_a_log_line_that_is_no_utf8_is_kept_as_far_as_it_goes(bench: Bench) -> None:
    async def run(task: Nothing, run: RunContext) -> None:
        run.log("INFO", "a\ud800b")

    await bench.run(a_type(run), {})
    assert bench.messages == [("INFO", "a?b")]


async def test_large_outputs_of_earlier_tasks_are_loaded_where_expressions_look(bench: Bench) -> None:
    uri = await bench.storage.put("kestra:///company/team/big.json", b'{"value":"big"}')
    ended = await bench.run(
        RETURN,
        {"format": "{{ outputs.first.value }} {{ outputs.small.value }}"},
        variables={"outputs": {"small": {"value": 1}}},
        references=[reference(["outputs", "first"], uri)],
    )
    assert ended.outputs == {"value": "big 1"}


async def test_secrets_render_and_are_masked_in_the_log(tmp_path: Path) -> None:
    bench = Bench(tmp_path, {"SECRET_TOKEN": base64.b64encode(b"hush").decode()})
    ended = await bench.run(LOG, {"message": "token {{ secret('TOKEN') }}!"})
    assert ended.outcome == "succeeded"
    assert bench.messages == [("INFO", "token ******!")]


async def test_a_missing_secret_fails_with_the_variable_to_set(bench: Bench) -> None:
    ended = await bench.run(LOG, {"message": "{{ secret('TOKEN') }}"})
    assert "SECRET_TOKEN" in ended.message


async def test_a_kill_calls_the_hooks_before_it_cancels(bench: Bench) -> None:
    entered, released = asyncio.Event(), threading.Event()

    async def run(task: Nothing, run: RunContext) -> None:
        run.on_kill(lambda: 1 / 0)  # type: ignore[arg-type]
        run.on_kill(released.set)
        entered.set()
        await asyncio.to_thread(released.wait, 10)

    runner = bench.runner(a_type(run), a_run("test.Type"))
    task = asyncio.ensure_future(runner.run())
    await entered.wait()
    runner.stop("cancelled")
    await task
    assert released.is_set()
    assert runner.outcome == "cancelled"
    assert ("WARN", "kill hook failed: ZeroDivisionError: division by zero") in bench.messages


async def test_an_abandoned_attempt_is_lost(bench: Bench) -> None:
    async def run(task: Nothing, run: RunContext) -> None:
        await asyncio.Event().wait()

    runner = bench.runner(a_type(run), a_run("test.Type"))
    task = asyncio.ensure_future(runner.run())
    await asyncio.sleep(0)
    runner.stop("abandoned")
    await task
    assert runner.outcome == "lost"


async def test_an_attempt_that_is_killed_before_its_first_step_reports_that(bench: Bench) -> None:
    began: list[str] = []

    async def run(task: Nothing, run: RunContext) -> None:
        began.append("here")

    runner = bench.runner(a_type(run), a_run("test.Type"))
    task = asyncio.ensure_future(runner.run())
    runner.stop("cancelled")

    assert msgspec.json.decode(await task)["outcome"] == "cancelled"
    assert began == []


async def test_a_kill_while_outputs_are_stored_is_too_late(bench: Bench) -> None:
    async def run(task: Nothing, run: RunContext) -> Outputs:
        return {"large": "x" * 2 * INLINE_BYTES}

    runner = bench.runner(a_type(run), a_run("test.Type"))
    put = bench.storage.put

    async def put_meanwhile(uri: str, content: Any) -> str:
        runner.stop("cancelled")
        await asyncio.sleep(0)
        return await put(uri, content)

    bench.storage.put = put_meanwhile  # type: ignore[method-assign]

    assert msgspec.json.decode(await runner.run())["outcome"] == "succeeded"


async def test_a_cancellation_that_nobody_asked_for_is_not_swallowed(bench: Bench) -> None:
    async def run(task: Nothing, run: RunContext) -> None:
        await asyncio.Event().wait()

    task = asyncio.ensure_future(bench.runner(a_type(run), a_run("test.Type")).run())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_lines_are_numbered_through_over_all_records(bench: Bench) -> None:
    async def run(task: Nothing, run: RunContext) -> None:
        for number in range(250):
            run.log("INFO", str(number))

    await bench.run(a_type(run), {})
    firsts = [msgspec.json.decode(value)["first"] for value in bench.outbox.of("attempts.logs")]
    assert firsts == [0, 100, 200]


async def test_a_line_of_a_task_that_goes_on_is_sent_after_a_moment(bench: Bench) -> None:
    sent = asyncio.Event()
    bench.outbox.on_post = sent.set

    async def run(task: Nothing, run: RunContext) -> None:
        run.log("INFO", "first")
        async with asyncio.timeout(5):
            await sent.wait()

    ended = await bench.run(a_type(run), {})
    assert ended.outcome == "succeeded"


@pytest.mark.parametrize(
    "outputs", [{"n": 10**4_300}, {"deep": "levels"}], ids=["too many digits", "too deep"]
)
async def test_outputs_that_the_executor_could_not_read_fail_the_attempt(bench: Bench, outputs: Any) -> None:
    value: Any = outputs
    if "deep" in outputs:
        for _ in range(500):
            value = {"value": [value]}
    ended = await give(bench, value)
    assert ended.outcome == "failed"
    assert "not JSON" in ended.message
