"""Questions and answers on the wire."""

from __future__ import annotations

from contracts.codec import Codec, encode
from contracts.evaluation import Answer, Question, all_failed
from contracts.execution import AttemptEnded, AttemptReport
from contracts.work import InboxMessage, RunAttempt
from tests.support.attempt import a_run

_INBOX: Codec[RunAttempt] = Codec(InboxMessage)
_REPORTS: Codec[AttemptEnded] = Codec(AttemptReport)
QUESTIONS = [Question("{{ a }}"), Question("{{ a }}", "truth"), Question("{{ a }}", "value", "x")]


def test_questions_and_answers_survive_the_wire() -> None:
    run = a_run("t", questions=QUESTIONS)
    assert _INBOX.decode(encode(run)).questions == QUESTIONS
    answers = [Answer("x"), Answer(True), Answer({"n": [1.5, None]}), Answer(error="no")]
    ended = AttemptEnded(
        execution_id="e1", task_run_id="x", attempt=1, outcome="succeeded", at=1, answers=answers
    )
    assert _REPORTS.decode(encode(ended)).answers == answers


def test_questions_that_nobody_could_look_at_all_fail() -> None:
    assert all_failed(QUESTIONS, "why") == [Answer(error="why")] * 3


def test_a_question_is_what_its_template_its_form_and_its_sight_are() -> None:
    assert len({*QUESTIONS, Question("{{ a }}")}) == 3
