"""Evaluate attempts: templates in, answers out, and no secret anywhere else."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path
from typing import Any

import pytest

from contracts.address import ReplyTo
from contracts.codec import Codec
from contracts.evaluation import ANSWER_BYTES, Answer, Form, Question
from contracts.execution import AttemptEnded
from contracts.language.encrypted import encrypted_value
from contracts.work import RunAttempt
from services.worker.evaluation import EvaluationRunner
from tests.support.attempt import Bench, a_run, reference

_ended: Codec[AttemptEnded] = Codec(AttemptEnded)
SECRET = {"SECRET_KEY": base64.b64encode(b"hunter2").decode()}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path, SECRET)


def asking(*templates: str, form: Form = "text", **fields: Any) -> RunAttempt:
    return a_run("any.Type", questions=[Question(each, form) for each in templates], **fields)


async def answers(bench: Bench, run: RunAttempt) -> AttemptEnded:
    runner = EvaluationRunner(run, bench.shared, "w1")
    ended = _ended.decode(await runner.run())
    await runner.close()
    assert runner.outcome == ended.outcome
    return ended


async def test_templates_are_rendered_with_the_functions_and_variables_of_tasks(bench: Bench) -> None:
    run = asking("{{ secret('KEY') }}", "{{ inputs.n + 1 }}", variables={"inputs": {"n": 1}})
    ended = await answers(bench, run)
    assert (ended.outcome, ended.worker_id) == ("succeeded", "w1")
    assert ended.answers == [Answer("hunter2"), Answer("2")]
    assert ended.outputs == {}


@pytest.mark.parametrize(
    ("template", "truth"),
    [
        ("{{ secret('KEY') == 'hunter2' }}", True),
        ("{{ secret('KEY') }}", True),
        ("{{ secret('KEY') == 'x' }}", False),
        ("0", False),
        ("", False),
    ],
)
async def test_of_a_condition_only_its_truth_is_answered(bench: Bench, template: str, truth: bool) -> None:
    ended = await answers(bench, asking(template, form="truth"))
    assert ended.answers == [Answer(truth)]
    assert "hunter2" not in str(ended)


async def test_a_value_stays_one(bench: Bench) -> None:
    run = asking("{{ [1, secret('KEY')] }}", "{{ 1.5 }}", "{{ null }}", form="value")
    assert (await answers(bench, run)).answers == [Answer([1, "hunter2"]), Answer(1.5), Answer(None)]


async def test_one_template_that_fails_does_not_hold_up_the_others_and_its_error_shows_no_secret(
    bench: Bench,
) -> None:
    ended = await answers(
        bench, asking("{{ secret('NONE') }}", "{{ secret('KEY') | number }}", "{{ 'fine' }}")
    )
    none, wrong, fine = ended.answers
    assert "set SECRET_NONE for the worker" in none.error
    assert "hunter2" not in wrong.error
    assert "******" in wrong.error
    assert fine == Answer("fine")
    assert ended.outcome == "succeeded"
    assert bench.outbox.records == [], "nothing is logged"


async def test_large_outputs_of_earlier_tasks_are_read_from_storage(bench: Bench) -> None:
    await bench.storage.put("kestra:///big.json", b'{"value": "from storage"}')
    run = asking("{{ outputs.a.value }}", references=[reference(["outputs", "a"], "kestra:///big.json")])
    assert (await answers(bench, run)).answers == [Answer("from storage")]


async def test_outputs_that_cannot_be_read_fail_the_attempt_with_the_reason(bench: Bench) -> None:
    run = asking("{{ outputs.a }}", references=[reference(["outputs", "a"], "kestra:///gone.json")])
    ended = await answers(bench, run)
    assert ended.outcome == "failed"
    assert ended.message.startswith("cannot read the outputs of an earlier task")


async def test_results_that_no_record_holds_are_errors_and_the_rest_is_answered(bench: Bench) -> None:
    big = "{{ inputs.big }}"
    ended = await answers(
        bench, asking(big, big, "{{ 'small' }}", variables={"inputs": {"big": "x" * (ANSWER_BYTES - 100)}})
    )
    first, second, third = ended.answers
    assert len(first.value) == ANSWER_BYTES - 100
    assert second.error.startswith("The result has 2")
    assert third == Answer("small")


@pytest.mark.parametrize("template", ["{{ '\\ud800' | fromJson }}", "{{ '\"\\ud800\"' | fromJson }}"])
async def test_a_text_that_is_no_unicode_is_an_error(bench: Bench, template: str) -> None:
    (answer,) = (await answers(bench, asking(template))).answers
    assert answer.error


async def test_an_address_elsewhere_is_refused(bench: Bench) -> None:
    run = asking("{{ secret('KEY') }}", reply_to=ReplyTo("registry.commands", "x"))
    ended = await answers(bench, run)
    assert (ended.outcome, ended.answers) == ("failed", [])
    assert "registry.commands" in ended.message


@pytest.mark.parametrize("turns", [0, 1])
@pytest.mark.parametrize(("how", "outcome"), [("cancelled", "cancelled"), ("abandoned", "lost")])
async def test_it_can_be_stopped_before_it_begins_and_later(
    bench: Bench, how: Any, outcome: str, turns: int
) -> None:
    runner = EvaluationRunner(asking(*["{{ 1 }}"] * 5), bench.shared, "w1")
    task = asyncio.ensure_future(runner.run())
    for _ in range(turns):
        await asyncio.sleep(0)
    runner.stop(how)
    assert _ended.decode(await task).outcome == outcome


async def test_its_time_is_limited(bench: Bench) -> None:
    ended = await answers(bench, asking(*["{{ 1 }}"] * 5, timeout_template="PT0S"))
    assert ended.outcome == "timed_out"


async def test_a_text_is_stored_and_its_address_is_the_answer(bench: Bench) -> None:
    run = asking("{{ outputs | toIon }}", form="stored", variables={"outputs": {"n": 1}})
    (answer,) = (await answers(bench, run)).answers
    assert answer.error == ""
    assert await bench.shared.stores.storage.get(answer.value) == b"{n:1}"


async def test_a_secret_in_a_stored_text_stays_encrypted(bench: Bench) -> None:
    secret = encrypted_value("c2VjcmV0")
    run = asking("{{ outputs | toIon }}", form="stored", variables={"outputs": {"token": secret}})
    (answer,) = (await answers(bench, run)).answers
    assert b"c2VjcmV0" in await bench.shared.stores.storage.get(answer.value)
