import pytest

from contracts.codec import encode
from contracts.execution import (
    CommandInParts,
    ExecutionRecord,
    KillExecution,
    Replay,
    RestartExecution,
    RunsPart,
    StartExecution,
    TaskRunRecord,
)
from contracts.topics import SOFT_RECORD_BYTES
from services.web.core.problem import Problem
from services.web.core.write import parts
from services.web.core.write.parts import in_records


def record(runs: int, output: str = "x" * 100) -> ExecutionRecord:
    return ExecutionRecord(
        id="e1",
        namespace="n",
        flow_id="f",
        revision=1,
        seq=9,
        histories=[],
        task_runs=[
            TaskRunRecord(id=f"r{number}", task_id="t", outputs={"value": output}) for number in range(runs)
        ],
    )


def restart(runs: int) -> RestartExecution:
    return RestartExecution(execution_id="e1", at=7, record=record(runs))


def test_what_fits_a_record_stays_one():
    for command in (restart(3), restart(0), KillExecution(execution_id="e1", at=7)):
        assert in_records(command) == [command]
    bare = RestartExecution(execution_id="e1", at=7)
    assert in_records(bare) == [bare]


def test_a_large_restart_is_parts_in_order_and_then_the_command_without_runs():
    command = restart(10_000)
    *found, last = in_records(command)
    assert all(len(encode(each)) < SOFT_RECORD_BYTES for each in (*found, last))
    sent = [part for part in found if isinstance(part, RunsPart)]
    assert [part.number for part in sent] == list(range(len(found)))
    assert [run.id for part in sent for run in part.runs] == [f"r{number}" for number in range(10_000)]
    assert isinstance(last, CommandInParts)
    assert last.restart is not None
    assert last.restart.record == record(0)
    assert last.parts == len(found)
    assert {part.transfer_id for part in sent} == {last.transfer_id}


def test_a_large_replay_goes_under_the_id_of_the_new_execution():
    start = StartExecution(
        execution_id="e2", namespace="n", flow_id="f", at=7, replay=Replay(record=record(5_000))
    )
    *found, last = in_records(start)
    assert isinstance(last, CommandInParts)
    assert last.start is not None
    assert last.start.replay == Replay(record=record(0))
    assert {each.execution_id for each in (*found, last) if isinstance(each, RunsPart | CommandInParts)} == {
        "e2"
    }


def test_two_restarts_do_not_share_their_parts():
    first, second = (RestartExecution(execution_id="e1", at=at, record=record(5_000)) for at in (7, 8))
    names = [each[-1] for each in (in_records(first), in_records(second))]
    assert len({each.transfer_id for each in names if isinstance(each, CommandInParts)}) == 2


def test_more_than_the_executor_would_keep_is_refused_with_the_limit(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(parts, "MOST_BYTES", 1024 * 1024)
    with pytest.raises(Problem, match="more than 1 MiB with their outputs"):
        in_records(restart(10_000))
