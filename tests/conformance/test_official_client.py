"""Kestra's own Python SDK drives our server: flows, executions, logs, outputs, triggers, and what is computed of them. ``make
test`` installs it into an environment of its own. Without TOCCATA_TEST_SDK_PYTHON, its interpreter, the test skips."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess

import pytest

from tests.support.system import System

pytestmark = [pytest.mark.processes, pytest.mark.servers]

PROGRAM = """
import json, sys, time

def listed(page):
    found = page["results"] if isinstance(page, dict) else page.results
    return [each["id"] if isinstance(each, dict) else each.id for each in found]

from kestrapy import IdWithNamespace
from kestrapy.kestra_client import KestraClient
from kestrapy.query import and_, eq, or_, where
from kestrapy.models.query_filter_field import QueryFilterField as Field

url, user, password, source, slow = sys.argv[1:]
client = KestraClient(host=url, username=user, password=password, timeout=60)
flows, executions, tenant, space = client.flows, client.executions, "main", "official.sdk"
seen = {}

assert flows.create_flow(tenant, source).revision == 1
flows.create_flow(tenant, slow)
assert flows.update_flow(space, "quick", tenant, source + "description: second\\n").revision == 2
seen["source"] = flows.flow(space, "quick", tenant, source=True).source
seen["revisions"] = [each.revision for each in flows.list_flow_revisions(space, "quick", tenant)]
either = or_(eq(Field.FLOW_ID, "quick"), eq(Field.FLOW_ID, "slow"))
either = where(and_(eq(Field.NAMESPACE, space), either))  # others have a flow named slow, too
seen["found"] = sorted(listed(flows.search_flows(tenant, filters=either)))
seen["invalid"] = flows.validate_flows(tenant, "id: x\\nnope: 1\\n")[0].constraints
seen["archive"] = len(flows.export_flows_by_ids(tenant, [IdWithNamespace(id="quick", namespace=space)])) > 100
seen["imported"] = flows.import_flows(tenant, file_content=source.encode())

inputs = {"name": "Ann", "number": 3, "object": {"a": [1]}}
run = executions.create_execution(tenant, space, "quick", wait=True, inputs=inputs, labels=["k:v"])
seen["state"] = executions.execution(run.id, tenant).state.current.value
seen["outputs"] = client.outputs.execution_outputs(run.id, tenant)
seen["logs"] = [line.message for line in client.logs.list_logs_from_execution(run.id, tenant)]
seen["listed"] = run.id in listed(executions.search_executions(tenant, filters=where(eq(Field.NAMESPACE, space))))

seen["evaluated"] = executions.eval_expression(run.id, tenant, "{{ inputs.name }} {{ 1 + 1 }}")
task_run = run.task_run_list[0].id
seen["of task run"] = executions.eval_task_run_expression(run.id, task_run, tenant, "{{ task.id }}").result
seen["dependencies"] = flows.flow_dependencies(space, "quick", tenant).nodes
seen["around"] = sorted(node.id for node in flows.flow_dependencies_from_namespace(space, tenant).nodes)
seen["outdated"] = flows.list_deprecated(tenant, namespace=space)
seen["timed"] = executions.execution_average_duration(space, "quick", tenant)["count"]
seen["values"] = executions.find_distinct_execution_field_values(
    tenant, "FLOW_ID", filters=where(eq(Field.NAMESPACE, space))
)
seen["metric"] = client.metrics.aggregate_flow_metric(space, "quick", "none", tenant)["groupBy"]
seen["types"] = {each["type"] for each in client.plugins.plugin_input_types()} >= {"STRING", "INT"}
seen["triggers"] = client.plugins.plugin_triggers()["total"] > 2

long = executions.create_execution(tenant, space, "slow")
seen["followed"] = next(iter(executions.follow_execution(long.id, tenant))).id == long.id
executions.kill_execution(long.id, tenant)
for _ in range(200):
    state = executions.execution(long.id, tenant).state.current.value
    if state == "KILLED":
        break
    time.sleep(0.05)
seen["killed"] = state
seen["restarted"] = executions.restart_execution(long.id, tenant).id == long.id
executions.kill_execution(long.id, tenant)

hook = executions.trigger_execution_by_get_webhook(tenant, space, "quick", "official-key")
seen["webhook"] = bool(hook.id)
seen["trigger"] = client.triggers.disable_trigger_by_id(
    tenant, {"namespace": space, "flowId": "quick", "triggerId": "cron", "disabled": True}
)["disabled"]
change = {"query": "inputs.object }}!", "replacement": "inputs.object }}?", "flows": [{"namespace": space, "id": "quick"}]}
seen["would change"] = flows.preview_replace_by_source_code(tenant, change)["totalMatches"]
seen["changed"] = [each["revision"] for each in flows.apply_replace_by_source_code(tenant, change)["updated"]]
plugins, log_type = client.plugins, "io.kestra.plugin.core.log.Log"
seen["icons"] = log_type in plugins.plugin_icons() and len(plugins.plugin_group_icons()) > 10
seen["icon"] = plugins.plugin_icon(log_type)["icon"]["flowable"], plugins.plugin_icon_svg(log_type)[:4]
versions = plugins.plugin_versions(log_type)["versions"]
seen["of version"] = "markdown" in plugins.plugin_documentation_for_version(log_type, versions[0])
seen["missing"] = plugins.detect_missing_plugins("tasks: [{id: a, type: x.Y}, {id: b, type: " + log_type + "}]")
seen["parts"] = plugins.plugin_ui_manifest([{"cls": log_type}])
seen["secrets"] = client.namespaces.inherited_secrets(space, tenant)
seen["together"] = len(list(executions.follow_dependencies_execution(run.id, tenant))) > 0
extra = [executions.create_execution(tenant, space, "quick", wait=True, labels=[f"batch:{n}"]).id for n in range(4)]
client.logs.delete_logs_from_execution(extra[0], tenant, min_level="INFO")
seen["lines left"] = len(client.logs.list_logs_from_execution(extra[0], tenant))
client.logs.delete_logs_from_flow(space, "quick", "cron", tenant)
executions.delete_execution(extra[0], tenant, delete_storage=False)
seen["deleted by ids"] = executions.delete_executions_by_ids(tenant, extra[1:3], delete_logs=True).count
one = where(eq(Field.LABELS, {"batch": "3"}))
seen["deleted by query"] = executions.delete_executions_by_query(tenant, filters=one)["count"]
left = listed(executions.search_executions(tenant, filters=where(eq(Field.NAMESPACE, space))))
seen["deleted are left"] = sorted(set(extra) & set(left))
flows.delete_flow(space, "slow", tenant)
print("SEEN " + json.dumps(seen))
"""
SOURCE = """\
id: quick
namespace: official.sdk
inputs:
  - {id: name, type: STRING, defaults: world}
  - {id: number, type: INT, required: false}
  - {id: object, type: JSON, required: false}
tasks:
  - {id: say, type: io.kestra.plugin.core.log.Log, message: "Hello, {{ inputs.name }} {{ inputs.object }}!"}
outputs:
  - {id: sum, type: STRING, value: "{{ inputs.number + 1 }}"}
triggers:
  - {id: cron, type: io.kestra.plugin.core.trigger.Schedule, cron: "0 0 1 1 *"}
  - {id: hook, type: io.kestra.plugin.core.trigger.Webhook, key: official-key}
"""
SLOW = """\
id: slow
namespace: official.sdk
tasks:
  - {id: nap, type: io.kestra.plugin.core.flow.Sleep, duration: PT5M}
"""


async def test_the_official_sdk_finds_what_it_expects(system: System) -> None:
    python = os.environ.get("TOCCATA_TEST_SDK_PYTHON")
    if python is None:
        pytest.skip("TOCCATA_TEST_SDK_PYTHON names no interpreter with Kestra's SDK (kestrapy)")
    arguments = ["-W", "ignore", "-c", PROGRAM, system.url, *system.auth, SOURCE, SLOW]
    async with asyncio.timeout(90):
        sdk = await asyncio.create_subprocess_exec(
            python, *arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        said, complained = await sdk.communicate()
    assert sdk.returncode == 0, complained.decode()[-3_000:]
    seen = json.loads(said.decode().rpartition("SEEN ")[2])
    assert seen.pop("source") == SOURCE + "description: second\n"
    assert "Unrecognized field" in seen.pop("invalid")
    assert seen == {
        "revisions": [1, 2],
        "found": ["quick", "slow"],
        "archive": True,
        "imported": [],
        "state": "SUCCESS",
        "outputs": {"sum": "4"},
        "logs": ['Hello, Ann {"a":[1]}!'],
        "listed": True,
        "followed": True,
        "killed": "KILLED",
        "restarted": True,
        "webhook": True,
        "trigger": True,
        "evaluated": {"result": "Ann 2"},
        "of task run": "say",
        "dependencies": [],
        "around": ["quick", "slow"],
        "outdated": [],
        "timed": 1,
        "values": ["quick"],
        "metric": "day",
        "types": True,
        "triggers": True,
        "icons": True,
        "icon": [False, "<svg"],
        "of version": True,
        "missing": {"x.Y": []},
        "parts": {"manifest": {}},
        "secrets": {"official.sdk": []},
        "together": True,
        "lines left": 0,
        "deleted by ids": 2,
        "deleted by query": 1,
        "deleted are left": [],
        "would change": 1,
        "changed": [4],
    }
