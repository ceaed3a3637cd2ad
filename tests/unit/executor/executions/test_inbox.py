"""Which attempts go straight to workers, and how they are stopped."""

from __future__ import annotations

from contracts.execution import KillExecution
from contracts.work import EnqueueAttempt, RunAttempt, StopAttempt, WithdrawAttempt
from services.executor.executions.inbox import STOP_AGAIN_MS
from tests.support.rig import messages
from tests.support.rig.leases import ASKING, a_rig, grant, to_worker


def test_without_a_lease_light_attempts_ask_dispatch_for_one_and_heavy_ones_do_not() -> None:
    step = a_rig().start("f")
    borrowers = [m.borrower for m in messages(step.outbox, EnqueueAttempt)]
    assert borrowers == [3, 3, None]
    assert to_worker(step) == []


def test_with_leases_off_nothing_asks_for_one() -> None:
    step = a_rig(borrower=None).start("f")
    assert [m.borrower for m in messages(step.outbox, EnqueueAttempt)] == [None] * 3


def test_a_light_attempt_takes_a_place_and_goes_straight_to_the_worker() -> None:
    rig = a_rig()
    grant(rig, slots=1)
    step = rig.start("f")
    assert to_worker(step) == [("w1", 7, "a")], "only one place"
    assert len(messages(step.outbox, EnqueueAttempt)) == 2
    (run,) = messages(step.outbox, RunAttempt)
    assert (run.lease.number, run.lease.session) == (1, "s")
    rig.assert_rebuilds()


def test_workers_take_turns() -> None:
    rig = a_rig()
    grant(rig, 1, worker="w1", slots=2)
    grant(rig, 2, worker="w2", slots=2)
    assert [worker for worker, _, _ in to_worker(rig.start("f"))] == ["w1", "w2"]
    assert [worker for worker, _, _ in to_worker(rig.start("f", "e2"))] == ["w1", "w2"]
    rig.assert_rebuilds()


def test_a_kill_stops_the_attempt_at_its_worker_until_it_ends() -> None:
    rig = a_rig()
    grant(rig, slots=2)
    rig.start("f")
    step = rig.kill()
    assert [m.task_run_id for m in messages(step.outbox, StopAttempt)] == [rig.run("a").id, rig.run("b").id]
    assert len(messages(step.outbox, WithdrawAttempt)) == 1, "of c, which dispatch handed out"
    again = rig.wait(STOP_AGAIN_MS)
    assert len([m for step in again for m in messages(step.outbox, StopAttempt)]) == 2
    rig.assert_rebuilds()
    for name in ("a", "b", "c"):
        rig.report(name, "cancelled")
    assert rig.state() == "KILLED"
    assert not rig.timers


def test_a_place_stays_taken_until_the_worker_is_free_also_beyond_the_end_of_the_execution() -> None:
    rig = a_rig()
    grant(rig, slots=2)
    rig.start("f")
    late = rig.outcome("a")
    rig.when_it_raised(KillExecution(execution_id="e1", at=rig.now))
    rig.settle()
    assert rig.state() == "FAILED"
    assert len(rig.machine.state.leases.attempts) == 2
    assert messages(rig.wait(STOP_AGAIN_MS)[0].outbox, StopAttempt), "its stop is repeated"
    rig.when(late)
    assert len(rig.machine.state.leases.attempts) == 1
    rig.assert_rebuilds()


def test_a_question_that_nobody_needs_is_stopped_at_its_worker() -> None:
    rig = a_rig(ASKING)
    grant(rig, slots=1)
    rig.start("f")
    step = rig.kill()
    assert len(messages(step.outbox, StopAttempt)) == 1
    assert not messages(step.outbox, WithdrawAttempt)
