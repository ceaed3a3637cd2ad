"""The executor never has the text of a secret: it asks a worker for ciphertexts, and leaves what reads one to workers."""

from __future__ import annotations

from contracts.codec import encode
from contracts.evaluation import Question
from contracts.language.encrypted import encrypted_value
from tests.support.rig.executions import started

CORE = "io.kestra.plugin.core."
SECRET = encrypted_value("Q0lQSEVS")
FLOW = f"""\
id: f
namespace: tests
inputs:
  - {{id: token, type: SECRET}}
tasks:
  - {{id: a, type: {CORE}log.Log, message: x, runIf: "{{{{ inputs.token == 'x' }}}}"}}
  - {{id: b, type: {CORE}log.Log, message: "{{{{ inputs.token }}}}"}}
outputs:
  - {{id: token, type: SECRET, value: "{{{{ inputs.token }}}}"}}
"""


def test_a_text_that_did_not_come_over_the_api_is_encrypted_by_a_worker_before_it_is_kept() -> None:
    rig = started(FLOW, inputs={"token": "planted"})
    assert rig.question("").run.questions == [Question("{{ value }}", "encrypted", "token")]
    rig.answer("", SECRET)
    assert rig.seen().inputs == {"token": SECRET}
    assert b"planted" not in encode(rig.seen().inputs)


def test_what_reads_a_secret_is_rendered_by_workers() -> None:
    rig = started(FLOW, inputs={"token": SECRET})
    assert rig.asked() == {"a": ["{{ inputs.token == 'x' }}"]}
    rig.answer("a", False)
    assert rig.states() == {"a": "SKIPPED", "b": "SUBMITTED"}
    rig.report("b")
    assert rig.question("").run.questions == [Question("{{ inputs.token }}", "encrypted")]
    rig.answer("", SECRET)
    assert rig.state() == "SUCCESS"
    rig.assert_rebuilds()


def test_a_default_is_encrypted_as_it_is_rendered() -> None:
    flow = FLOW.replace("type: SECRET}", "type: SECRET, defaults: \"{{ secret('KEY') }}\"}", 1)
    rig = started(flow)
    [question] = rig.question("").run.questions
    assert (question.template, question.form) == ("{{ secret('KEY') }}", "encrypted")


def test_an_encrypted_value_fits_no_other_input() -> None:
    rig = started(
        FLOW.replace("id: token, type: SECRET", "id: token, type: JSON", 1), inputs={"token": SECRET}
    )
    assert rig.state() == "FAILED"
    assert any("fits no other input than a SECRET" in line for line in rig.logs)
