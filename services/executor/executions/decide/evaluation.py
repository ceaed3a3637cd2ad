"""The end of an *evaluate* attempt: its answers are kept, and what waited for them goes on.

A failed attempt answers every question with its reason. So whatever happens to it, the run or the execution that waits goes on.
"""

from __future__ import annotations

from contracts.codec import encode
from contracts.evaluation import Answer, all_failed
from contracts.execution import AttemptEnded
from contracts.states import State
from services.executor.executions.decide import pause
from services.executor.executions.decide.fallback import cancelled_unserved
from services.executor.executions.decide.restart import reopen
from services.executor.executions.decide.start import go_on as start_goes_on
from services.executor.executions.evaluation import close
from services.executor.executions.event import EvaluationAnswered, EvaluationLost
from services.executor.executions.state import Evaluation
from services.executor.executions.task_run import go_on
from services.executor.executions.termination import end_execution
from services.executor.executions.turn import NotInThisStep, Turn, cut

MAX_LOSSES = 5
"""As for tasks: rendering probably crashes its workers."""
ANSWER_BYTES = 256 * 1024
"""The limit for answers that this process accepts. Workers send 200 KiB at most."""


def evaluated(turn: Turn, evaluation: Evaluation, command: AttemptEnded) -> None:
    """Take the end of an attempt. Only the present one counts, and only once."""
    if not evaluation.out or command.attempt != evaluation.attempt:
        return
    if command.outcome == "lost" and evaluation.losses < MAX_LOSSES:
        turn.note(EvaluationLost(execution_id=turn.execution.id, task_run_id=evaluation.task_run_id))
    elif command.unserved and cancelled_unserved(turn, evaluation.task_run_id, command.message):
        return
    else:
        answers = _answers(evaluation, command)
        turn.weigh(len(encode(answers)))
        turn.note(
            EvaluationAnswered(
                execution_id=turn.execution.id, task_run_id=evaluation.task_run_id, answers=answers
            )
        )
    resume(turn, evaluation.task_run_id)


def _answers(evaluation: Evaluation, command: AttemptEnded) -> list[Answer]:
    questions = evaluation.questions
    if command.outcome == "lost":
        losses = evaluation.losses + 1
        reason = f"{losses} workers were lost while they evaluated this expression: giving up"
        return all_failed(questions, reason)
    if command.outcome != "succeeded":
        return all_failed(questions, cut(f"A worker could not evaluate this expression: {command.message}"))
    if len(command.answers) != len(questions):
        reason = f"A worker gave {len(command.answers)} answers to {len(questions)} expressions"
        return all_failed(questions, reason)
    size = len(encode(command.answers))
    if size > ANSWER_BYTES:
        reason = f"The results have {size:,} bytes, but the limit is {ANSWER_BYTES:,}"
        return all_failed(questions, reason)
    return command.answers


def resume(turn: Turn, task_run_id: str) -> None:
    """Go on where an answer was needed. If another one is needed, that is asked."""
    execution = turn.execution
    evaluation = execution.evaluations.get(task_run_id)
    if evaluation is None or evaluation.out:
        return
    if execution.state is State.KILLING:
        close(turn, task_run_id)  # the kill ends the run, perhaps in a later step
        return
    if evaluation.purpose == "resume":
        assert evaluation.command is not None
        pause.resume(turn, evaluation.command)
        return
    if execution.held:
        return  # the end of the pause resumes this
    if evaluation.purpose == "inputs":
        start_goes_on(turn)
        return
    if evaluation.purpose == "outputs":
        assert evaluation.ending is not None
        end_execution(turn, evaluation.ending.state, evaluation.ending.reason)
        return
    run = execution.runs[task_run_id]
    if evaluation.purpose == "begin":
        try:
            go_on(turn, run)
        except NotInThisStep:
            turn.timer(f"resume/{execution.id}/{task_run_id}", turn.at)
    elif evaluation.purpose == "reopen":
        reopen(turn, run, [])
    turn.look_at(run if run.children is not None else run.parent)
