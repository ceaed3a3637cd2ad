"""The worker as a real process, driven through real topics like dispatch and the executor would."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import psutil
import pytest

from contracts.address import OUTCOMES, ReplyTo
from contracts.codec import encode
from contracts.execution import AttemptEnded
from contracts.scalars import attempt_id
from contracts.work import (
    AskAnnouncement,
    AttemptKey,
    HeldAttempt,
    LeaseRef,
    RunAttempt,
    StopAttempt,
    WorkerAnnounced,
    WorkerReported,
)
from services.worker.adapters.spool import FileSpool
from services.worker.adapters.workspace import Workspace
from services.worker.ports import Outcome
from tests.support.attempt import a_run
from tests.support.attempt_desk import USED, AttemptDesk, attempt_desk
from tests.support.topics import own_topics
from toccata.plugins.families.core.debug import RETURN
from toccata.plugins.families.core.flow import SLEEP
from toccata.plugins.families.core.log import LOG
from toccata.plugins.families.scripts.types import PYTHON_SCRIPT as SCRIPT

pytestmark = pytest.mark.servers


class Workers:
    """Worker processes of one test, over one data directory."""

    def __init__(self, home: Path, desk: AttemptDesk) -> None:
        self.home, self._desk = home, desk
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self, worker_id: str, **settings: Any) -> subprocess.Popen[bytes]:
        kafka = self._desk.settings
        env = os.environ | {
            "TOCCATA_KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
            "TOCCATA_KAFKA_TOPIC_PREFIX": kafka.topic_prefix,
            "TOCCATA_HOME": str(self.home),
            "TOCCATA_INSTANCE": worker_id,
            **{f"TOCCATA_{name.upper()}": str(value) for name, value in settings.items()},
        }
        log = (self.home / f"{worker_id}.log").open("ab")
        process = subprocess.Popen([sys.executable, "-m", "services.worker"], env=env, stderr=log)
        self.processes.append(process)
        return process

    async def ready(self, worker_id: str, **settings: Any) -> subprocess.Popen[bytes]:
        process = self.start(worker_id, **settings)
        await self._desk.announcement(worker_id)
        return process

    def end(self) -> None:
        for process in self.processes:
            process.send_signal(signal.SIGCONT)
            process.kill()
            process.wait(10)


@pytest.fixture
async def desk(kafka: str) -> AsyncIterator[AttemptDesk]:
    async with attempt_desk(await own_topics(kafka, only=USED)) as desk:
        yield desk


@pytest.fixture
def workers(tmp_path: Path, desk: AttemptDesk) -> Iterator[Workers]:
    workers = Workers(tmp_path, desk)
    yield workers
    workers.end()


def log(number: int, message: str) -> RunAttempt:
    return a_run(LOG.name, {"message": message}, number, variables={"inputs": {"name": "Will"}})


def script(number: int, text: str, **fields: Any) -> RunAttempt:
    return a_run(SCRIPT.name, {"script": text, **fields.pop("properties", {})}, number, **fields)


async def pid_in(desk: AttemptDesk, run: RunAttempt) -> int:
    """Return the process whose id a script printed, under the id that it has here."""

    def found() -> int | None:
        return next((int(m) for _, m in desk.messages_of(run) if m.isdigit()), None)

    printed = await desk.until(found)
    marker = attempt_id(run.task_run_id, run.attempt)
    (pid,) = [int(each.pid) for each in psutil.process_iter() if _is_child(each.pid, printed, marker)]
    return pid


def _is_child(pid: int, printed: int, marker: str) -> bool:
    """An isolated script has a namespace of its own, with other ids. The last number of ``NSpid`` is the id in there."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        environment = Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return False
    (ids,) = [line.split() for line in status.splitlines() if line.startswith("NSpid:")]
    return int(ids[-1]) == printed and f"TOCCATA_ATTEMPT={marker}".encode() in environment.split(b"\0")


def assert_gone(pid: int) -> None:
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        if process.status() != psutil.STATUS_ZOMBIE:
            process.wait(5)


async def test_attempts_of_all_kinds_run_and_report_one_outcome_each(
    workers: Workers, desk: AttemptDesk
) -> None:
    await workers.ready("w1")
    runs = [
        log(1, "Hello, {{ inputs.name }}!"),
        a_run(RETURN.name, {"format": "x"}, 2),
        script(3, "from kestra import Kestra\nKestra.outputs({'n': 1})\nprint('said')"),
        a_run("no.such.Type", {}, 4),
    ]
    await desk.give("w1", *runs)
    ended = [await desk.outcome_of(run) for run in runs]
    assert [each.outcome for each in ended] == ["succeeded", "succeeded", "succeeded", "failed"]
    assert ended[1].outputs == {"value": "x"}
    assert ended[2].outputs == {"vars": {"n": 1}, "exitCode": 0, "outputFiles": {}}
    assert "no.such.Type" in ended[3].message
    for run in runs:
        await desk.freed(run)
    assert desk.messages_of(runs[0]) == [("INFO", "Hello, Will!")]
    assert ("INFO", "said") in desk.messages_of(runs[2])
    assert len(desk.ended) == 4


async def test_only_a_long_attempt_says_that_it_started(workers: Workers, desk: AttemptDesk) -> None:
    await workers.ready("w1")
    short, long = log(1, "x"), a_run(SLEEP.name, {"duration": "PT0.4S"}, 2)
    await desk.give("w1", short, long)
    ended = await desk.outcome_of(long)
    assert [each.task_run_id for each in desk.started] == ["tr2"]
    assert desk.started[0].at == ended.started_at


async def test_a_time_out_and_a_kill_stop_the_whole_process_tree(workers: Workers, desk: AttemptDesk) -> None:
    await workers.ready("w1")
    text = (
        "import subprocess, time\n"
        "print(subprocess.Popen(['sleep', '600'], start_new_session=True).pid, flush=True)\n"
        "time.sleep(600)"
    )
    timed, killed = script(1, text, timeout_template="PT5S"), script(2, text)
    await desk.give("w1", timed, killed)
    children = [await pid_in(desk, timed), await pid_in(desk, killed)]
    await desk.kill("w1", killed)
    await desk.kill("w1", killed)
    assert (await desk.outcome_of(killed)).outcome == "cancelled"
    assert (await desk.outcome_of(timed)).outcome == "timed_out"
    for child in children:
        assert_gone(child)
    await desk.freed(killed)
    assert len([each for each in desk.ended if each.task_run_id == "tr2"]) == 1


async def test_an_attempt_whose_kill_arrives_together_with_it_reports_its_end(
    workers: Workers, desk: AttemptDesk
) -> None:
    await workers.ready("w1")
    run = a_run(SLEEP.name, {"duration": "PT5M"}, 1)
    stop = StopAttempt(execution_id=run.execution_id, task_run_id=run.task_run_id, attempt=run.attempt)
    await desk.give("w1", run, stop)
    assert (await desk.outcome_of(run)).outcome == "cancelled"
    await desk.freed(run)


def leased(run: RunAttempt, session: str, lease: int = 1) -> RunAttempt:
    return msgspec.structs.replace(run, lease=LeaseRef(lease, session))


async def test_an_attempt_under_a_lease_runs_in_its_session_and_dispatch_hears_nothing(
    workers: Workers, desk: AttemptDesk
) -> None:
    await workers.ready("w1")
    first = await desk.announcement("w1")
    assert (first.first, first.light_slots, bool(first.session)) == (True, 256, True)
    late, mine, through_dispatch = (
        leased(log(1, "late"), "other"),
        leased(log(2, "mine"), first.session),
        log(3, "3"),
    )
    await desk.give("w1", late, mine, through_dispatch)
    assert (await desk.outcome_of(mine)).outcome == "succeeded"
    await desk.freed(through_dispatch)
    assert desk.freed_ids() == [through_dispatch.task_run_id]
    assert [each.task_run_id for each in desk.ended if each.task_run_id == late.task_run_id] == []


async def test_a_forgotten_worker_begins_a_new_session_and_says_what_it_holds(
    workers: Workers, desk: AttemptDesk
) -> None:
    await workers.ready("w1")
    before = await desk.announcement("w1")
    long = leased(a_run(SLEEP.name, {"duration": "PT1M"}, 1), before.session, lease=7)
    await desk.give("w1", long, AskAnnouncement(worker_id="w1", anew=True))

    def announced_anew() -> WorkerAnnounced | None:
        found = [each for each in desk.events if isinstance(each, WorkerAnnounced)]
        return found[-1] if found[-1].session != before.session else None

    anew = await desk.until(announced_anew)
    assert anew.first
    assert anew.held == [HeldAttempt(7, long.execution_id, long.task_run_id, 1)]
    assert anew.running == []
    await desk.kill("w1", long)
    assert (await desk.outcome_of(long)).outcome == "cancelled"


async def test_garbage_in_the_inbox_ends_the_session_because_it_may_have_been_an_attempt(
    workers: Workers, desk: AttemptDesk
) -> None:
    await workers.ready("w1")
    before = await desk.announcement("w1")
    await desk.give_raw("w1", b"w1", b"garbage")
    await desk.until(lambda: len([e for e in desk.events if isinstance(e, WorkerAnnounced)]) > 1 or None)
    assert (await desk.announcement("w1")).session != before.session


async def test_a_draining_worker_begins_nothing_under_leases_and_says_what_it_holds(
    workers: Workers, desk: AttemptDesk
) -> None:
    process = await workers.ready("w1", worker_processes=1)
    session = (await desk.announcement("w1")).session
    running = leased(script(1, "import time; print('up', flush=True); time.sleep(60)"), session, lease=7)
    waiting = leased(script(2, "print('never')"), session, lease=8)
    await desk.give("w1", running, waiting)
    await desk.until(lambda: ("INFO", "up") in desk.messages_of(running) or None)
    process.terminate()
    (first,) = await desk.until(lambda: desk.drained("w1")[:1] or None)
    assert first.held == [HeldAttempt(7, running.execution_id, running.task_run_id, 1)]
    assert first.returned == []
    await desk.kill("w1", running)
    assert (await desk.outcome_of(running)).outcome == "cancelled"
    assert process.wait(30) == 0


async def test_the_same_attempt_twice_runs_once(workers: Workers, desk: AttemptDesk) -> None:
    await workers.ready("w1")
    run = script(1, "open('/dev/stdout', 'w').write('ran\\n')")
    await desk.give("w1", run, run)
    await desk.freed(run)
    await desk.give("w1", run)
    await desk.until(lambda: desk.freed_ids().count("tr1") >= 2 or None)
    assert desk.messages_of(run) == [("INFO", "ran")]
    assert len(desk.ended) == 1


async def test_garbage_is_buried_and_the_next_good_record_runs(workers: Workers, desk: AttemptDesk) -> None:
    await workers.ready("w1")
    good = encode(log(1, "x"))
    garbage: list[tuple[bytes | None, bytes | None]] = [
        (b"w1", b"garbage"),
        (b"w1", b"\xff\x00"),
        (b"w1", None),
        (b"w1", good.replace(b"attempt.run.v1", b"attempt.run.v9")),
        (b"w1", b'{"type":"attempt.run.v1"}'),
        (None, good),
    ]
    for key, value in garbage:
        await desk.give_raw("w1", key, value)
    await desk.give_raw("w1", b"somebody else", good)
    run = log(2, "next")
    await desk.give("w1", run)
    assert (await desk.outcome_of(run)).outcome == "succeeded"
    await desk.until(lambda: len(desk.dead) == len(garbage) or None)
    assert {letter.topic for letter in desk.dead} == {"workers.inbox"}
    assert [each.task_run_id for each in desk.ended] == ["tr2"]


async def test_an_announcement_is_given_when_asked_for_with_all_that_runs(
    workers: Workers, desk: AttemptDesk
) -> None:
    await workers.ready("w1")
    await desk.give("w1", a_run(SLEEP.name, {"duration": "PT1H"}, 1))
    await desk.until(lambda: desk.started or None)
    await desk.give("w1", AskAnnouncement(worker_id="w1", number=7))

    def again() -> WorkerAnnounced | None:
        return next((e for e in desk.events if isinstance(e, WorkerAnnounced) and e.running), None)

    announced = await desk.until(again)
    assert announced.running == [AttemptKey("tr1", 1)]
    assert announced.received_through == 7


async def test_heartbeats_name_what_runs_and_the_number_of_what_arrived_last(
    workers: Workers, desk: AttemptDesk
) -> None:
    await workers.ready("w1")
    run = a_run(SLEEP.name, {"duration": "PT1H"}, 1)
    await desk.give("w1", msgspec.structs.replace(run, number=41))

    def beat() -> WorkerReported | None:
        return next((e for e in desk.events if isinstance(e, WorkerReported) and e.running), None)

    heartbeat = await desk.until(beat)
    assert heartbeat.running == [AttemptKey("tr1", 1)]
    assert heartbeat.received_through == 41
    assert heartbeat.inbox == (await desk.announcement("w1")).inbox


async def test_draining_finishes_what_runs_gives_back_the_rest_and_leaves_nothing(
    workers: Workers, desk: AttemptDesk
) -> None:
    process = await workers.ready("w1", worker_processes=1)
    running = script(1, "import time\nprint('on', flush=True)\ntime.sleep(1)\nprint('off')")
    waiting = script(2, "print('never')")
    await desk.give("w1", running, waiting)
    await desk.until(lambda: desk.messages_of(running) or None)
    process.send_signal(signal.SIGTERM)
    assert (await desk.outcome_of(running)).outcome == "succeeded"
    await desk.until(lambda: any(each.gone for each in desk.drained("w1")) or None)
    assert process.wait(10) == 0
    assert [key for each in desk.drained("w1") for key in each.returned] == [AttemptKey("tr2", 1)]
    assert list((workers.home / "worker").iterdir()) == []
    assert len(desk.ended) == 1


async def test_after_the_grace_period_what_still_runs_is_lost_and_stopped(
    workers: Workers, desk: AttemptDesk
) -> None:
    process = await workers.ready("w1", drain_seconds=4)
    run = script(1, "import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(600)")
    await desk.give("w1", run)
    child = await pid_in(desk, run)
    process.send_signal(signal.SIGTERM)
    assert (await desk.outcome_of(run)).outcome == "lost"
    assert process.wait(10) == 0
    assert_gone(child)


async def test_a_killed_worker_leaves_no_process_and_the_next_one_says_that_it_is_gone(
    workers: Workers, desk: AttemptDesk
) -> None:
    process = await workers.ready("w1")
    run = script(1, "import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(600)")
    await desk.give("w1", run)
    child = await pid_in(desk, run)
    process.kill()
    process.wait(10)
    assert psutil.pid_exists(child)
    await workers.ready("w2")
    assert_gone(child)
    assert [each.gone for each in desk.drained("w1")] == [True]
    assert [path.name for path in (workers.home / "worker").iterdir()] == ["w2"]


async def test_an_outcome_that_kafka_had_not_acknowledged_is_sent_again_before_the_announcement(
    workers: Workers, desk: AttemptDesk
) -> None:
    """A worker died between spool and acknowledgement, and left such a folder."""
    ended = AttemptEnded(
        execution_id="e1", task_run_id="tr7", attempt=1, outcome="succeeded", at=1, outputs={"a": 1}
    )
    workspace = Workspace(workers.home, "w1", "default")
    workspace.settle()
    spool = FileSpool(workspace.spool_path)
    spool.keep([Outcome(ReplyTo(OUTCOMES, "e1"), value) for value in (encode(ended), b"torn")])
    os.truncate(workspace.spool_path, workspace.spool_path.stat().st_size - 1)
    for lock in workspace._locks:
        os.close(lock)
    await workers.ready("w2")
    assert await desk.outcome_of(a_run("x", number=7)) == ended
    assert len(desk.ended) == 1
    assert [each.gone for each in desk.drained("w1")] == [True]


async def test_answers_go_where_the_attempt_says_and_nowhere_else(
    workers: Workers, desk: AttemptDesk
) -> None:
    await workers.ready("w1")
    asked = msgspec.structs.replace(log(1, "x"), reply_to=ReplyTo(OUTCOMES, "asker"))
    wrong = msgspec.structs.replace(log(2, "y"), reply_to=ReplyTo("registry.commands", "asker"))
    await desk.give("w1", asked, wrong)
    assert (await desk.outcome_of(asked)).outcome == "succeeded"
    assert "no answer may go to topic `registry.commands`" in (await desk.outcome_of(wrong)).message
    assert [key for key, ended in desk.answers if ended.outcome == "succeeded"] == [b"asker"]


async def test_a_worker_killed_and_started_again_sends_what_its_spool_holds_unchanged(
    workers: Workers, desk: AttemptDesk
) -> None:
    """Acknowledged lines stay in the file until it is large. If they are sent again, they have the same content."""
    process = await workers.ready("w1")
    run = log(1, "x")
    await desk.give("w1", run)
    await desk.freed(run)
    process.kill()
    process.wait(10)
    workers.start("w1")
    await desk.until(lambda: len(desk.ended) == 2 or None)
    assert desk.ended[0] == desk.ended[1]


async def test_a_second_worker_of_the_same_name_refuses_to_start(workers: Workers, desk: AttemptDesk) -> None:
    await workers.ready("w1")
    second = workers.start("w1")
    assert second.wait(40) == 70
    assert "set TOCCATA_INSTANCE" in (workers.home / "w1.log").read_text()
