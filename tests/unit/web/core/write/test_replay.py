import pytest

from contracts.execution import History
from contracts.states import State
from services.web.core.problem import Problem
from services.web.core.rows import ExecutionRow, TaskRunRow
from services.web.core.write.replay import Repetition, replay, restart_anew

RUN = TaskRunRow(
    "e1", "r1", "a", State.SUCCESS, [History(State.SUCCESS, 2)], [], {"x": 1}, None, None, None, None, ""
)
ROW = ExecutionRow(
    "e1", "n", "f", 3, State.SUCCESS, 9, 1, 2, [History(State.CREATED, 1), History(State.SUCCESS, 2)],
    {"team": "bi", "system.correlationId": "e0"}, {"n": 5}, {}, None, None, None, None, "NORMAL", 1, "",
    None, None, None, {"v": 1}, None, (RUN,),
)  # fmt: skip


def test_a_replay_has_everything_of_its_execution_and_names_it():
    start = replay(ROW, Repetition("e2", 7, 4))
    assert (start.execution_id, start.revision, start.inputs, start.variables) == (
        "e2",
        3,
        {"n": 5},
        {"v": 1},
    )
    assert start.labels == {"team": "bi", "system.correlationId": "e0", "system.replay": "true"}
    assert (start.parent_id, start.original_id, start.attempt_number) == ("e1", "e1", 2)
    assert start.replay is None


def test_it_changes_what_it_is_told_to():
    start = replay(ROW, Repetition("e2", 7, 4, revision=5, task_run_id="r1", inputs={"n": "6"}))
    assert (start.revision, start.inputs) == (5, {"n": "6"})
    assert start.replay is not None
    assert start.replay.task_run_id == "r1"
    assert [run.id for run in start.replay.record.task_runs] == ["r1"]


def test_an_unknown_task_run_is_refused_by_name():
    with pytest.raises(Problem, match="Task run id 'none' not found in execution 'e1'"):
        replay(ROW, Repetition("e2", 7, 4, task_run_id="none"))


def test_a_restart_on_another_revision_runs_what_failed():
    start = restart_anew(ROW, Repetition("e2", 7, 4, revision=5))
    assert start.replay is not None
    assert start.replay.task_run_id is None
    assert start.labels["system.restarted"] == "true"
