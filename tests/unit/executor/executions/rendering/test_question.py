"""What a question has, and when a template needs one."""

from __future__ import annotations

import pytest

from contracts.evaluation import Answer, Question
from contracts.language.expression.template import compile_template
from contracts.language.types.behaviour import RenderingFailed
from contracts.work import OutputReference
from services.executor.executions.rendering.question import (
    VARIABLES_BYTES,
    AnswerNeeded,
    Asked,
    merged,
    reads_any,
    value_of,
)

STORED = [OutputReference(["outputs", "big"], "kestra:///x"), OutputReference(["outputs", "loop", "v"], "y")]


@pytest.mark.parametrize(
    ("template", "reads"),
    [
        ("{{ outputs.big.value }}", True),
        ("{{ outputs['loop'].v.value }}", True),
        ("{{ outputs }}", True),
        ("{{ outputs[inputs.name] }}", True),
        ("{{ render(vars.x) }}", True),
        ("{{ outputs.small.value }}", False),
        ("{{ inputs.big }}", False),
        ("plain", False),
    ],
)
def test_a_template_may_read_a_stored_output(template: str, reads: bool) -> None:
    assert reads_any(compile_template(template), STORED) is reads
    assert not reads_any(compile_template(template), [])


def test_variables_that_no_record_holds_are_refused_with_their_size() -> None:
    with pytest.raises(RenderingFailed, match=r"450,0\d\d bytes, but the limit is 450,000"):
        AnswerNeeded(Asked((Question("{{ x }}"),), {"x": "x" * VARIABLES_BYTES}))


def test_questions_of_several_parts_are_asked_once_each() -> None:
    one, two = Question("{{ x }}"), Question("{{ y }}")
    assert merged([AnswerNeeded(Asked((one,), {})), AnswerNeeded(Asked((two, one), {}))]) == (one, two)


def test_an_answer_is_its_value_or_a_reason() -> None:
    assert value_of(Answer("x")) == "x"
    with pytest.raises(RenderingFailed, match="why"):
        value_of(Answer(error="why"))
