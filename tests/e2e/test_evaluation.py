"""Values that only a worker can get, in places where the executor decides; and worker groups. All services are real."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator

import pytest

from contracts.topics import TOPICS
from tests.support.api import Api, outputs, signed_in, states
from tests.support.system import System, running_system, within
from toccata.runtime.fetch import Reader

pytestmark = [pytest.mark.processes, pytest.mark.servers]

CORE = "io.kestra.plugin.core."
HIDDEN, SHOWN = "hunter2-only-compared", "a,b"
SECRETS = {"HIDDEN": HIDDEN, "LIST": '["x", "y"]', "NUMBER": "7", "SHOWN": SHOWN}

EVERYWHERE = f"""
id: everywhere
namespace: asking
inputs:
  - {{id: number, type: INT, defaults: "{{{{ secret('NUMBER') }}}}"}}
tasks:
  - {{id: large, type: {CORE}debug.Return, format: "{{{{ range(1, 9000) | join(',') }}}}"}}
  - {{id: yes, type: {CORE}debug.Return, format: ran, runIf: "{{{{ secret('HIDDEN') | slice(0, 8) == 'hunter2-' }}}}"}}
  - {{id: no, type: {CORE}debug.Return, format: ran, runIf: "{{{{ secret('HIDDEN') == 'x' }}}}"}}
  - {{id: long, type: {CORE}debug.Return, format: ran, when: "{{{{ outputs.large.value | length > 16384 }}}}"}}
  - id: choose
    type: {CORE}flow.If
    condition: "{{{{ secret('HIDDEN') }}}}"
    then:
      - {{id: right, type: {CORE}debug.Return, format: ran}}
  - id: each
    type: {CORE}flow.ForEach
    values: "{{{{ secret('LIST') }}}}"
    tasks:
      - {{id: leaf, type: {CORE}debug.Return, format: "{{{{ taskrun.value }}}}"}}
outputs:
  - {{id: shown, type: STRING, value: "{{{{ secret('SHOWN') }}}}"}}
  - {{id: tail, type: STRING, value: "{{{{ outputs.large.value | slice(0, 5) }}}}"}}
"""
BROKEN = f"""
id: broken
namespace: asking
tasks:
  - {{id: a, type: {CORE}debug.Return, format: ran, runIf: "{{{{ secret('NOWHERE') }}}}"}}
"""
WAITING = f"""
id: waiting
namespace: asking
tasks:
  - {{id: a, type: {CORE}debug.Return, format: ran, runIf: "{{{{ secret('HIDDEN') }}}}"}}
"""


def grouped(flow_id: str, group: str) -> str:
    return f"""
id: {flow_id}
namespace: asking
workerGroup: {group}
tasks:
  - {{id: a, type: {CORE}debug.Return, format: ran, runIf: "{{{{ secret('HIDDEN') }}}}"}}
  - {{id: b, type: {CORE}flow.Sleep, duration: PT0.1S}}
"""


@pytest.fixture
async def asking(
    kafka: str, postgres_server: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[System]:
    settings = {
        f"SECRET_{name}": base64.b64encode(value.encode()).decode() for name, value in SECRETS.items()
    }
    home = tmp_path_factory.mktemp("asking")
    async with running_system(kafka, postgres_server, home, settings) as system:
        yield system


async def test_secrets_and_large_outputs_work_wherever_an_execution_renders(asking: System) -> None:
    async with signed_in(asking) as api:
        for source in (EVERYWHERE, BROKEN):
            await api.save(source)
        page = await api.ended((await api.execute("asking", "everywhere"))["id"])
        assert states(page) == {
            "large": "SUCCESS",
            "yes": "SUCCESS",
            "no": "SKIPPED",
            "long": "SUCCESS",
            "choose": "SUCCESS",
            "right": "SUCCESS",
            "each": "SUCCESS",
            "leaf[x]": "SUCCESS",
            "leaf[y]": "SUCCESS",
        }
        assert page["inputs"] == {"number": 7}
        assert page["outputs"] == {"shown": SHOWN, "tail": "1,2,3"}
        assert outputs(page, "choose") == {"evaluationResult": True}
        broken = await api.ended((await api.execute("asking", "broken"))["id"])
        assert states(broken) == {"a": "FAILED"}
        said = "Cannot find secret for key 'NOWHERE': set SECRET_NOWHERE for the worker"
        lines = await within(15, lambda: api.lines(broken["id"]))
        assert [message.startswith(said) for _, message in lines] == [True]
    everything = await _everything(asking)
    assert SHOWN.encode() in everything
    assert HIDDEN.encode() not in everything


async def test_an_execution_waits_for_a_worker_through_a_crash_of_the_executor_and_ends_if_it_is_killed(
    asking: System,
) -> None:
    async with signed_in(asking) as api:
        await api.save(WAITING)
        await asking.stop("worker")
        first, second = [(await api.execute("asking", "waiting"))["id"] for _ in range(2)]
        for execution in (first, second):
            await within(20, lambda execution=execution: _waits(api, execution))  # type: ignore[misc]
        await asking.restart("executor", kill=True)
        answer = await api.client.delete(f"/api/v1/main/executions/{second}/kill")
        assert answer.status_code in (200, 202), answer.text
        assert states(await api.ended(second)) == {"a": "KILLED"}
        await asking.start("worker")
        assert states(await api.ended(first)) == {"a": "SUCCESS"}


async def test_attempts_and_conditions_go_to_the_group_of_their_task_or_to_its_fallback(
    asking: System,
) -> None:
    async with signed_in(asking) as api:
        asking.add("worker", TOCCATA_WORKER_GROUP="gpu")
        await asking.start("worker-2")
        for name, group in (
            ("there", "{key: gpu}"),
            ("failing", "{key: none, fallback: FAIL}"),
            ("cancelled", "{key: none, fallback: CANCEL}"),
        ):
            await api.save(grouped(name, group))
        page = await api.ended((await api.execute("asking", "there"))["id"])
        assert states(page) == {"a": "SUCCESS", "b": "SUCCESS"}
        assert [run["attempts"][0]["workerId"] for run in page["taskRunList"]] == ["worker-2", "worker-2"]
        failing = await api.ended((await api.execute("asking", "failing"))["id"])
        assert states(failing) == {"a": "FAILED"}
        cancelled = await api.ended((await api.execute("asking", "cancelled"))["id"])
        assert (cancelled["state"]["current"], states(cancelled)) == ("CANCELLED", {"a": "CANCELLED"})


async def _waits(api: Api, execution_id: str) -> bool:
    return states(await api.get(execution_id)) == {"a": "CREATED"}


async def _everything(system: System) -> bytes:
    """Return the values of all records in all topics."""
    reader = Reader(system.kafka, "reads-everything")
    places = [(name, number) for name, topic in TOPICS.items() for number in range(topic.partitions)]
    found: list[bytes] = []
    try:
        left = {place: end for place, end in (await reader.end_offsets(places)).items() if end}
        await reader.assign(dict.fromkeys(left, "earliest"))
        while left:
            for place, records in (await reader.poll()).items():
                found += [record.value for record in records if record.value is not None]
                if records[-1].offset + 1 >= left.get(place, 0):
                    left.pop(place, None)
    finally:
        await reader.stop()
    return b"\n".join(found)
