"""Actions on many executions at once, by ids and by query, in both generations of paths; executions that wait for a slot."""

from __future__ import annotations

import uuid

import pytest

from tests.support.api import API, signed_in
from tests.support.system import within

pytestmark = [pytest.mark.processes, pytest.mark.servers, pytest.mark.slow]

PAUSED = """\
id: many_paused
namespace: e2e
tasks:
  - {id: wait, type: io.kestra.plugin.core.flow.Pause}
"""
LIMITED = """\
id: many_limited
namespace: e2e
concurrency: {limit: 1}
tasks:
  - {id: wait, type: io.kestra.plugin.core.flow.Pause}
"""


RESUMER = """\
id: many_resumer
namespace: e2e
inputs:
  - {id: other, type: STRING}
tasks:
  - {id: resume, type: io.kestra.plugin.core.execution.Resume, executionId: "{{ inputs.other }}"}
"""


async def state_of(api, execution_id):
    return (await api.get(execution_id))["state"]["current"]


async def reaches(api, execution_id, state):
    async def there():
        return await state_of(api, execution_id) == state

    await within(30, there)


async def started(api, flow_id, count):
    ids = [(await api.execute("e2e", flow_id))["id"] for _ in range(count)]
    for each in ids:
        await reaches(api, each, "PAUSED")
    return ids


async def test_many_are_resumed_labelled_replayed_and_changed(system):
    owner = f"ann-{uuid.uuid4().hex}"  # other tests label executions of this system, too
    async with signed_in(system) as api:
        await api.save(PAUSED)
        first, second, third = await started(api, "many_paused", 3)
        bad = await api.client.post(f"{API}/executions/resume/by-ids", json=[first, "nobody"])
        assert bad.status_code == 400
        assert [each["invalidValue"] for each in bad.json()["invalids"]] == ["nobody"]
        assert await state_of(api, first) == "PAUSED"
        done = await api.client.post(f"{API}/executions/resume/by-ids", json=[first, second])
        assert (done.status_code, done.json()["count"]) == (200, 2)
        for each in (first, second):
            await reaches(api, each, "SUCCESS")
        older = await api.client.post(f"/api/v1/executions/{third}/resume")
        assert (older.status_code, older.content) == (204, b"")
        await reaches(api, third, "SUCCESS")
        conflict = await api.client.post(f"/api/v1/executions/{third}/resume")
        assert conflict.status_code == 422
        labelled = await api.client.post(
            f"{API}/executions/labels/by-ids",
            json={"executionsId": [first, second], "executionLabels": [{"key": "owner", "value": owner}]},
        )
        assert labelled.json()["count"] == 2, labelled.text
        changed = await api.client.post(
            f"{API}/executions/change-status/by-query",
            params={"newStatus": "WARNING", "filters[labels][EQUALS][owner]": owner},
        )
        assert changed.json()["count"] == 2, changed.text
        await reaches(api, first, "WARNING")
        replayed = await api.client.post(f"{API}/executions/replay/by-ids", json=[first, second])
        assert replayed.json()["count"] == 2, replayed.text
        found = await api.client.get(
            f"{API}/executions/search",
            params={
                "filters[labels][EQUALS][system.replay]": "true",
                "filters[labels][EQUALS][owner]": owner,
            },
        )
        repeated = [each["id"] for each in found.json()["results"] if each.get("parentId") in (first, second)]
        assert len(repeated) == 2
        assert (await api.client.post(f"{API}/executions/resume/by-query")).status_code == 400


async def test_what_waits_for_a_slot_is_run_or_ended(system):
    async with signed_in(system) as api:
        await api.save(LIMITED)
        (holder,) = await started(api, "many_limited", 1)
        queued = [(await api.execute("e2e", "many_limited"))["id"] for _ in range(3)]
        for each in queued:
            await reaches(api, each, "QUEUED")
        run = await api.client.post(f"{API}/executions/{queued[0]}/actions/unqueue")
        assert run.status_code == 200, run.text
        await reaches(api, queued[0], "PAUSED")
        end = await api.client.post(f"{API}/executions/unqueue/by-ids?state=CANCELLED", json=[queued[1]])
        assert end.status_code == 200, end.text
        await reaches(api, queued[1], "CANCELLED")
        assert await state_of(api, queued[2]) == "QUEUED"
        assert (await api.client.post(f"{API}/executions/{holder}/actions/resume")).status_code == 200
        await reaches(api, queued[2], "PAUSED")
        for each in (queued[0], queued[2]):
            assert (await api.client.post(f"{API}/executions/{each}/actions/force-run")).status_code == 200
            await reaches(api, each, "SUCCESS")
        assert (await api.client.post(f"{API}/executions/{holder}/actions/unqueue")).status_code == 409


async def test_a_task_resumes_another_execution(system):
    async with signed_in(system) as api:
        await api.save(PAUSED)
        await api.save(RESUMER)
        (waiting,) = await started(api, "many_paused", 1)
        done = await api.execute("e2e", "many_resumer", {"other": waiting}, wait=True)
        assert done["state"]["current"] == "SUCCESS"
        await reaches(api, waiting, "SUCCESS")
