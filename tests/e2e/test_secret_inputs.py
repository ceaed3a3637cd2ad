"""Secret inputs and outputs on the whole system: tasks read them, and nobody else does, wherever one looks."""

from __future__ import annotations

import pytest

from contracts.language.encrypted import TYPE
from tests.support.api import API, outputs, signed_in, states
from tests.support.kept import places_of
from tests.support.system import System

pytestmark = [pytest.mark.processes, pytest.mark.servers]

CORE = "io.kestra.plugin.core."
SPACE = "secret_inputs"
PLANTED = "planted-9f2c-token"
"""Given to a SECRET input."""
ANSWERED = "planted-77aa-answer"
"""Given to a pause."""
PRINTED = "planted-31bd-printed"
"""Said by a script, which gets it in two parts so that no source has it."""
WHOLE = f"""
id: whole
namespace: {SPACE}
inputs:
  - {{id: db.token, type: SECRET, validator: "planted-[a-z0-9-]+"}}
  - {{id: size, type: INT, defaults: "{{{{ inputs.db.token | length }}}}", dependsOn: {{inputs: [db.token]}}}}
  - {{id: none, type: SECRET, required: false}}
tasks:
  - {{id: say, type: {CORE}log.Log, message: "token {{{{ inputs.db.token }}}}"}}
  - id: choose
    type: {CORE}flow.If
    condition: "{{{{ inputs.db.token | startsWith('planted-') }}}}"
    then:
      - {{id: length, type: {CORE}debug.Return, format: "{{{{ inputs.db.token | length }}}} {{{{ inputs.none }}}}"}}
  - id: script
    type: io.kestra.plugin.scripts.shell.Commands
    env: {{TOKEN: "{{{{ inputs.db.token }}}}"}}
    commands:
      - echo "env $TOKEN"
      - printf '::{{"encryptedOutputs":{{"printed":"planted-31bd-%s"}},"outputs":{{"size":%d}}}}::\\n' printed "$(printf %s "$TOKEN" | wc -c)"
  - {{id: again, type: {CORE}log.Log, message: "printed {{{{ outputs.script.vars.printed }}}}"}}
  - id: child
    type: {CORE}flow.Subflow
    namespace: {SPACE}
    flowId: inner
    inputs: {{token: "{{{{ inputs.db.token }}}}"}}
  - {{id: given, type: {CORE}log.Log, message: "child {{{{ outputs.child.outputs.token == inputs.db.token }}}}"}}
  - id: pause
    type: {CORE}flow.Pause
    onResume:
      - {{id: answer, type: SECRET}}
  - {{id: asked, type: {CORE}log.Log, message: "asked {{{{ outputs.pause.onResume.answer | length }}}} {{{{ outputs.pause.onResume.answer }}}}"}}
  - id: each
    type: {CORE}flow.Loop
    values: [1]
    tasks:
      - {{id: inside, type: {CORE}log.Log, message: "inside {{{{ inputs.db.token | length }}}}"}}
outputs:
  - {{id: token, type: SECRET, value: "{{{{ inputs.db.token }}}}"}}
  - {{id: size, type: INT, value: "{{{{ inputs.db.token | length }}}}"}}
"""
INNER = f"""
id: inner
namespace: {SPACE}
inputs:
  - {{id: token, type: SECRET}}
  - {{id: made, type: SECRET, defaults: "{{{{ 'ab' ~ 'cd' }}}}"}}
  - {{id: literal, type: SECRET, defaults: literal-default}}
tasks:
  - {{id: lengths, type: {CORE}debug.Return, format: "{{{{ inputs.token | length }}}} {{{{ inputs.made | length }}}} {{{{ inputs.literal | length }}}}"}}
outputs:
  - {{id: token, type: SECRET, value: "{{{{ inputs.token }}}}"}}
"""


async def test_tasks_read_a_secret_input_and_nothing_keeps_its_text(system: System) -> None:
    async with signed_in(system) as api:
        for source in (INNER, WHOLE):
            await api.save(source)
        started = await api.execute(SPACE, "whole", {"db.token": PLANTED})
        execution = started["id"]
        paused = await api.reached(execution, "PAUSED")
        answer = await api.client.post(
            f"{API}/executions/{execution}/actions/resume", files={"answer": (None, ANSWERED)}
        )
        assert answer.status_code == 200, answer.text
        page = await api.ended(execution)
        lines = await api.lines_with(execution, "asked 19 ******")
        checked = await api.client.post(
            f"{API}/executions/{SPACE}/whole/validate", files={"db.token": (None, PLANTED)}
        )
        tried = await api.client.post(
            f"{API}/executions/{execution}/actions/eval", content=b"{{ inputs.db.token }} {{ outputs.pause }}"
        )
        refused = await api.try_execute(SPACE, "whole", {"db.token": PLANTED + "!"})
        logs = (await api.client.get(f"{API}/logs/search", params={"filters[namespace][EQUALS]": SPACE})).text
        found = (await api.client.get(f"{API}/executions/search?size=50")).text

    assert page["state"]["current"] == "SUCCESS", (states(page), lines)
    messages = [message for _, message in lines]
    assert [each for each in messages if "******" in each] == [
        "token ******",
        "env ******",
        "printed ******",
        "asked 19 ******",
    ]
    assert "child true" in messages
    assert outputs(page, "length") == {"value": "18 "}
    assert outputs(page, "script")["vars"]["size"] == 18
    assert outputs(page, "script")["vars"]["printed"]["type"] == TYPE
    assert (page["inputs"]["size"], page["outputs"]["size"]) == (18, 18)
    assert page["outputs"]["token"]["type"] == TYPE
    assert isinstance(page["inputs"]["db"]["token"], str)
    assert tried.json()["result"].startswith("****** ")
    assert refused.status_code == 422
    assert "received `******`" in refused.text
    assert [line["value"] for line in checked.json()["inputs"][:1]] == ["******"]
    answers = "".join(
        map(str, (started, paused, page, lines, checked.text, tried.text, refused.text, logs, found))
    )
    for planted in (PLANTED, ANSWERED, PRINTED):
        assert planted not in answers
        assert await places_of(system, planted) == []


async def test_defaults_are_encrypted_and_a_replay_reads_what_the_first_execution_got(system: System) -> None:
    flow = INNER.replace("id: inner", "id: defaults")
    async with signed_in(system) as api:
        await api.save(flow)
        first = await api.execute(SPACE, "defaults", {"token": PLANTED}, wait=True)
        assert outputs(first, "lengths") == {"value": "18 4 15"}, first
        answer = await api.client.post(f"{API}/executions/{first['id']}/actions/replay")
        assert answer.status_code == 200, answer.text
        second = await api.ended(answer.json()["id"])
        assert outputs(second, "lengths") == {"value": "18 4 15"}
        assert second["inputs"] == first["inputs"]


async def test_an_encrypted_value_of_another_key_fails_the_task_with_the_reason(system: System) -> None:
    source = f"""
id: foreign
namespace: {SPACE}
tasks:
  - id: script
    type: io.kestra.plugin.scripts.shell.Commands
    commands:
      - printf '::{{"outputs":{{"x":{{"type":"{TYPE}","value":"%s"}}}}}}::\\n' "$(head -c 60 /dev/zero | base64 -w0)"
  - {{id: read, type: {CORE}debug.Return, format: "{{{{ outputs.script.vars.x }}}}"}}
"""
    async with signed_in(system) as api:
        await api.save(source)
        page = await api.execute(SPACE, "foreign", wait=True)
        assert states(page) == {"script": "SUCCESS", "read": "FAILED"}
        await api.lines_with(
            page["id"],
            "A secret input or output cannot be decrypted: the text was encrypted with another key, or has been changed",
        )
