"""Tasks about what happened before: purges of executions and log lines, counts, and log lines as a file. Web answers them."""

from __future__ import annotations

import json
import uuid

import pytest

from tests.support.api import API, signed_in
from tests.support.system import within

pytestmark = [pytest.mark.processes, pytest.mark.servers, pytest.mark.slow]

PAST = """\
id: past
namespace: {space}
tasks:
  - {{id: say, type: io.kestra.plugin.core.log.Log, message: hello}}
  - {{id: warn, type: io.kestra.plugin.core.log.Log, level: WARN, message: careful}}
  - {{id: file, type: io.kestra.plugin.core.storage.Write, content: text}}
  - {{id: count, type: io.kestra.plugin.core.metric.Publish, metrics: [{{type: counter, name: rows, value: 3}}]}}
"""
WAITS = """\
id: waits
namespace: {space}
tasks:
  - {{id: wait, type: io.kestra.plugin.core.flow.Pause}}
"""
TASK = """\
id: {name}
namespace: {space}.admin
tasks:
  - id: it
    type: io.kestra.plugin.core.{type}
    {properties}
"""
NOW = "\"{{ now() | dateAdd(1, 'DAYS') }}\""
YESTERDAY = "\"{{ now() | dateAdd(-1, 'DAYS') }}\""


class Desk:
    def __init__(self, api) -> None:
        self.api = api
        self.space = f"e2e.past{uuid.uuid4().hex[:8]}"

    async def past(self, count):
        await self.api.save(PAST.format(space=self.space))
        return [(await self.api.execute(self.space, "past", wait=True))["id"] for _ in range(count)]

    async def task(self, kind, **properties):
        """Run a flow of this one task, and give its end and its outputs."""
        name = f"f{uuid.uuid4().hex[:8]}"
        lines = "\n    ".join(f"{key}: {value}" for key, value in properties.items())
        await self.api.save(TASK.format(name=name, space=self.space, type=kind, properties=lines))
        done = await self.api.execute(f"{self.space}.admin", name, wait=True)
        return done["state"]["current"], done["taskRunList"][0].get("outputs", {}), done["id"]

    async def there(self, ids):
        found = [await self.api.client.get(f"{API}/executions/{each}") for each in ids]
        return [answer.status_code == 200 for answer in found]

    async def messages(self, execution_id):
        return [line["message"] for line in (await self.api.client.get(f"{API}/logs/{execution_id}")).json()]


async def test_old_executions_are_purged_and_those_that_run_stay(system):
    async with signed_in(system) as api:
        desk = Desk(api)
        ids = await desk.past(3)
        await api.save(WAITS.format(space=desk.space))
        paused = (await api.execute(desk.space, "waits"))["id"]
        await api.reached(paused, "PAUSED")
        purge = "execution.PurgeExecutions"
        state, outputs, _ = await desk.task(purge, namespace=desk.space, endDate=YESTERDAY)
        assert (state, set(outputs.values())) == ("SUCCESS", {0})
        state, outputs, _ = await desk.task(
            purge, namespace=desk.space, endDate=NOW, states="[FAILED, KILLED]", flowId="past"
        )
        assert (state, outputs["executionsCount"]) == ("SUCCESS", 0)
        state, outputs, own = await desk.task(purge, namespace=desk.space, endDate=NOW)
        assert state == "SUCCESS"
        # The three, and the two purges before; each of the three has two lines, one file and at least one metric.
        assert outputs["executionsCount"] == 5
        assert outputs["logsCount"] >= 6
        assert outputs["storagesCount"] == 3
        assert outputs["metricsCount"] >= 3
        assert await desk.there([*ids, paused, own]) == [False, False, False, True, True]


async def test_parts_of_executions_are_purged_and_the_rest_stays(system):
    async with signed_in(system) as api:
        desk = Desk(api)
        (done,) = await desk.past(1)
        state, outputs, _ = await desk.task(
            "execution.PurgeExecutions",
            namespace=desk.space, flowId="past", endDate=NOW,
            purgeExecution="false", purgeStorage="false", purgeMetric="false",
        )  # fmt: skip
        assert (state, outputs) == (
            "SUCCESS",
            {"executionsCount": 0, "logsCount": 2, "metricsCount": 0, "storagesCount": 0},
        )
        assert await desk.there([done]) == [True]

        async def silent():
            return await desk.messages(done) == []

        await within(10, silent)


async def test_log_lines_are_purged_by_level_and_namespace(system):
    async with signed_in(system) as api:
        desk = Desk(api)
        first, second = await desk.past(2)
        state, outputs, _ = await desk.task(
            "log.PurgeLogs", namespace=desk.space, endDate=NOW, startDate=YESTERDAY, logLevels="[warn, ERROR]"
        )
        assert (state, outputs) == ("SUCCESS", {"count": 2})

        async def mild():
            return [*await desk.messages(first), *await desk.messages(second)] == ["hello", "hello"]

        await within(10, mild)
        state, outputs, _ = await desk.task(
            "log.PurgeLogs", namespace=desk.space, flowId="nobody", endDate=NOW
        )
        assert (state, outputs) == ("SUCCESS", {"count": 0})


async def test_executions_are_counted(system):
    async with signed_in(system) as api:
        desk = Desk(api)
        await desk.past(2)
        flows = f"[{{namespace: {desk.space}, flowId: past}}, {{namespace: {desk.space}, flowId: idle}}]"
        count = "execution.Count"
        state, outputs, _ = await desk.task(
            count, flows=flows, startDate=YESTERDAY, expression='"{{ count >= 0 }}"'
        )
        assert state == "SUCCESS"
        assert outputs == {
            "results": [
                {"namespace": desk.space, "flowId": "past", "count": 2},
                {"namespace": desk.space, "flowId": "idle", "count": 0},
            ],
            "total": 2,
        }
        state, outputs, _ = await desk.task(
            count, flows=flows, startDate=YESTERDAY, states="[SUCCESS]", expression='"{{ count == 0 }}"'
        )
        assert [each["flowId"] for each in outputs["results"]] == ["idle"]
        state, outputs, _ = await desk.task(
            count, namespaces=f"[{desk.space}]", startDate=YESTERDAY, expression='"{{ count > 1 }}"'
        )
        assert outputs == {"results": [{"namespace": desk.space, "count": 2}], "total": 2}
        state, _, _ = await desk.task(count, startDate=YESTERDAY, expression='"{{ true }}"')
        assert state == "FAILED"


async def test_the_lines_of_an_execution_become_a_file(system):
    async with signed_in(system) as api:
        desk = Desk(api)
        (done,) = await desk.past(1)
        state, outputs, own = await desk.task("log.Fetch", executionId=done, level="WARN")
        assert (state, outputs["size"]) == ("SUCCESS", 1)
        content = await api.client.get(f"{API}/executions/{own}/file", params={"path": outputs["uri"]})
        (line,) = [json.loads(each) for each in content.text.splitlines()]
        assert (line["message"], line["level"], line["taskId"]) == ("careful", "WARN", "warn")
        state, outputs, _ = await desk.task("log.Fetch", executionId=done, tasksId="[say]")
        assert (state, outputs["size"]) == ("SUCCESS", 1)
        state, outputs, _ = await desk.task(
            "log.Fetch", executionId=done, namespace=desk.space, flowId="another"
        )
        assert (state, outputs["size"]) == ("SUCCESS", 0)
        for wrong in ({"namespace": desk.space}, {"namespace": desk.space, "flowId": "past"}):
            state, _, _ = await desk.task("log.Fetch", **wrong)
            assert state == "FAILED"


async def test_an_execution_reads_its_own_lines(system):
    async with signed_in(system) as api:
        space = f"e2e.past{uuid.uuid4().hex[:8]}"
        await api.save(PAST.format(space=space) + "  - {id: fetch, type: io.kestra.plugin.core.log.Fetch}\n")
        done = await api.execute(space, "past", wait=True)
        assert done["state"]["current"] == "SUCCESS", done
        assert done["taskRunList"][-1]["outputs"]["size"] == 2


async def test_two_replicas_of_web_answer_once(own_system):
    own_system.add("web")
    await own_system.start("web-2")
    async with signed_in(own_system) as api:
        desk = Desk(api)
        await desk.past(2)
        state, outputs, _ = await desk.task(
            "execution.PurgeExecutions", namespace=desk.space, flowId="past", endDate=NOW
        )
        assert (state, outputs["executionsCount"]) == ("SUCCESS", 2)
        claimed = [
            line
            for name in ("web", "web-2")
            for line in own_system.replicas[name].log_path.read_text().splitlines()
            if "request_answered" in line
        ]
        assert len(claimed) == 1
