"""A caller's actions on executions: kill, restart, wait for outputs, read what was just written."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.api import API, outputs, signed_in, states
from tests.support.life import watching
from tests.support.system import within

pytestmark = [pytest.mark.processes, pytest.mark.servers, pytest.mark.slow]

SLEEPER = """\
id: sleeper
namespace: e2e
tasks:
  - id: fork
    type: io.kestra.plugin.core.flow.Parallel
    tasks:
      - id: sleep
        type: io.kestra.plugin.core.flow.Sleep
        duration: PT5M
      - id: script
        type: io.kestra.plugin.scripts.shell.Commands
        taskRunner:
          type: io.kestra.plugin.core.runner.Process
        commands:
          - echo begun
          - sleep 300 & sleep 300
  - id: never
    type: io.kestra.plugin.core.debug.Return
    format: never
"""
BREAKS_ONCE = """\
id: breaks_once
namespace: e2e
tasks:
  - id: kept
    type: io.kestra.plugin.core.debug.Return
    format: "{{ now() }}"
  - id: breaks
    type: io.kestra.plugin.scripts.shell.Commands
    taskRunner:
      type: io.kestra.plugin.core.runner.Process
    commands:
      - test -e %s
  - id: after
    type: io.kestra.plugin.core.debug.Return
    format: "{{ outputs.kept.value }}"
"""
MANY = """\
id: many
namespace: e2e
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: "{{ range(1, 600) }}"
    concurrencyLimit: 0
    tasks:
      - id: leaf
        type: io.kestra.plugin.core.debug.Return
        format: "value {{ taskrun.value }} at {{ now() }} FILLER"
      - id: breaks
        type: io.kestra.plugin.core.execution.Fail
        condition: "{{ taskrun.value == '600' and (labels.system.restarted ?? 'no') == 'no' }}"
  - id: last
    type: io.kestra.plugin.core.debug.Return
    format: "{{ outputs.leaf['1'].value }}"
""".replace("FILLER", "x" * 2_000)
TINY = """\
id: {id}
namespace: e2e
inputs:
  - id: n
    type: INT
    defaults: 0
tasks:
  - id: say
    type: io.kestra.plugin.core.debug.Return
    format: "n is {{{{ inputs.n }}}}"
outputs:
  - id: said
    type: STRING
    value: "{{{{ outputs.say.value }}}}"
"""


async def test_a_kill_ends_running_tasks_and_their_processes(system):
    async with signed_in(system) as api, watching(system.kafka) as watch:
        await api.save(SLEEPER)
        execution_id = (await api.execute("e2e", "sleeper"))["id"]
        await api.lines_with(execution_id, "begun")
        answer = await api.client.delete(f"{API}/executions/{execution_id}/actions/kill")
        assert answer.status_code == 200, answer.text
        seen = await watch.ended(execution_id, 15)
        assert seen.state.value == "KILLED"
        assert seen.states() == {"fork": "KILLED", "sleep": "KILLED", "script": "KILLED"}
        assert "KILLING" in [state.value for state in seen.histories]
        again = await api.client.delete(f"{API}/executions/{execution_id}/actions/kill?isOnKillCascade=false")
        assert again.status_code == 409
        assert not await _processes_of(execution_id)


async def test_a_restart_keeps_what_succeeded_and_runs_what_failed(system, tmp_path):
    mark = tmp_path / "mark"
    async with signed_in(system) as api, watching(system.kafka) as watch:
        await api.save(BREAKS_ONCE % mark)
        failed = await api.execute("e2e", "breaks_once", wait=True)
        assert states(failed) == {"kept": "SUCCESS", "breaks": "FAILED"}
        kept = outputs(failed, "kept")
        mark.touch()
        answer = await api.client.post(f"{API}/executions/{failed['id']}/actions/restart")
        assert answer.status_code == 200, answer.text
        seen = await watch.until(failed["id"], lambda each: each.state.value == "SUCCESS")
        assert seen.states() == {"kept": "SUCCESS", "breaks": "SUCCESS", "after": "SUCCESS"}

        async def projected():
            # The log comes first, and the page follows within moments.
            shown = await api.get(failed["id"])
            assert shown["state"]["current"] == "SUCCESS"
            return shown

        page = await within(20, projected, AssertionError)
        assert outputs(page, "kept") == kept
        assert outputs(page, "after") == kept
        assert "RESTARTED" in [state.value for state in seen.histories]


async def test_more_task_runs_than_a_record_holds_are_restarted_and_replayed(system):
    """With their outputs they fit no record, so they travel in parts. What ended well stays as it was."""
    async with signed_in(system) as api:
        await api.save(MANY)
        failed = await api.ended((await api.execute("e2e", "many"))["id"], seconds=120)
        assert failed["state"]["current"] == "FAILED"
        before = {run["id"]: run for run in failed["taskRunList"]}
        assert len(before) == 1_201
        answer = await api.client.post(f"{API}/executions/{failed['id']}/actions/restart")
        assert answer.status_code == 200, answer.text
        page = await api.reached(failed["id"], "SUCCESS", seconds=120)
        after = {run["id"]: run for run in page["taskRunList"]}
        assert len(after) == 1_202
        for name, run in before.items():
            if run["state"]["current"] == "SUCCESS":
                assert after[name]["state"] == run["state"]
                assert after[name].get("outputs") == run.get("outputs")
        chosen = next(run["id"] for run in after.values() if run["taskId"] == "last")
        answer = await api.client.post(
            f"{API}/executions/{failed['id']}/actions/replay", params={"taskRunId": chosen}
        )
        assert answer.status_code == 200, answer.text
        again = await api.reached(answer.json()["id"], "SUCCESS", seconds=120)
        assert len(again["taskRunList"]) == 1_202
        assert outputs(again, "last") == outputs(page, "last")


async def test_wait_gives_the_outputs_of_the_flow(system):
    async with signed_in(system) as api:
        await api.save(TINY.format(id="waited"))
        page = await api.execute("e2e", "waited", {"n": "7"}, wait=True)
        assert page["state"]["current"] == "SUCCESS"
        assert page["outputs"] == {"said": "n is 7"}


async def test_a_read_after_a_write_sees_it(system):
    async with signed_in(system) as api:
        for n in range(50):
            flow_id = f"fresh_{n}"
            source = TINY.format(id=flow_id)
            made = await api.client.post(
                f"{API}/flows", content=source, headers={"Content-Type": "application/x-yaml"}
            )
            assert made.status_code == 200, made.text
            got = await api.client.get(f"{API}/flows/e2e/{flow_id}?source=true")
            assert got.status_code == 200, got.text
            assert got.json()["source"] == source
            started = await api.execute("e2e", flow_id, {"n": str(n)})
            page = await api.get(started["id"])
            assert page["flowId"] == flow_id
            found = await api.client.get(f"{API}/executions?namespace=e2e&flowId={flow_id}")
            assert [each["id"] for each in found.json()["results"]] == [started["id"]]


async def test_an_update_and_a_deletion_are_seen_at_once(system):
    async with signed_in(system) as api:
        await api.save(TINY.format(id="changing"))
        for n in range(10):
            source = TINY.format(id="changing").replace("n is", f"{n} is")
            changed = await api.client.put(
                f"{API}/flows/e2e/changing", content=source, headers={"Content-Type": "application/x-yaml"}
            )
            assert changed.json()["revision"] == n + 2, changed.text
            page = await api.execute("e2e", "changing", wait=True)
            assert (page["flowRevision"], page["outputs"]) == (n + 2, {"said": f"{n} is 0"})
        assert (await api.client.delete(f"{API}/flows/e2e/changing")).status_code == 204
        assert (await api.client.get(f"{API}/flows/e2e/changing")).status_code == 404
        assert (await api.try_execute("e2e", "changing")).status_code == 404


async def _processes_of(execution_id: str) -> list[str]:
    """Return command lines that still run in a working directory or environment of this execution."""
    listed = await asyncio.create_subprocess_exec("ps", "axeww", stdout=asyncio.subprocess.PIPE)
    text, _ = await listed.communicate()
    return [line for line in text.decode(errors="replace").splitlines() if execution_id in line]
