import hmac
from hashlib import sha256

import pytest

from contracts.execution import History
from contracts.language.flow.parse import parse_flow
from contracts.states import State
from services.web.core.live import Live
from services.web.core.problem import Problem
from services.web.core.write.given import Owner
from services.web.core.write.webhook import (
    Call,
    Kept,
    Moment,
    admit,
    call_variables,
    hooks_of,
    match,
    status_of,
    unsigned,
)
from services.web.core.write.withheld import Withheld

OWNER = Owner("company.team", "hooked", "e1")
MOMENT = Moment(0, {"secret": lambda key: f"secret-{key}"})
FLOW = """
id: hooked
namespace: company
variables:
  key: from-vars
tasks:
  - id: a
    type: io.kestra.plugin.core.log.Log
    message: hi
triggers:
"""


def hooks(*triggers):
    source = FLOW
    for number, extra in enumerate(triggers):
        source += f"  - id: hook{number}\n    type: io.kestra.plugin.core.trigger.Webhook\n"
        source += "".join(f"    {line}\n" for line in extra.splitlines())
    parsed = parse_flow(source, None)
    assert not parsed.errors
    assert parsed.flow is not None
    return hooks_of(parsed.flow)


def call(body=b"", query=b"", **headers):
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Call("POST", raw, query, body)


def variables_of(made):
    return call_variables(made, OWNER)[0]


def test_the_key_opens_its_own_trigger():
    both = hooks("key: one", "key: two")
    opened = match(both, "two", MOMENT)
    assert opened is not None
    assert opened.trigger.id == "hook1"
    assert match(both, "three", MOMENT) is None
    assert match(both, "", MOMENT) is None


def test_a_key_may_be_a_template():
    assert match(hooks('key: "{{ vars.key }}"'), "from-vars", MOMENT) is not None
    assert match(hooks("key: \"{{ secret('K') }}\""), "secret-K", MOMENT) is not None


def test_a_key_that_cannot_be_rendered_opens_nothing():
    opened = match(hooks('key: "{{ vars.missing }}"', "key: good"), "good", MOMENT)
    assert opened is not None
    assert opened.trigger.id == "hook1"


def test_a_disabled_trigger_is_no_hook():
    assert hooks("key: one\ndisabled: true") == ()


def test_the_request_becomes_variables():
    variables = variables_of(
        call(b'{"a": [1, 2]}', b"q=1&q=2&x=%20y", content_type="application/json", x_a="b")
    )
    assert variables == {
        "body": {"a": [1, 2]},
        "headers": {"Content-Type": ["application/json"], "X-A": ["b"]},
        "parameters": {"q": ["1", "2"], "x": [" y"]},
    }


@pytest.mark.parametrize(
    ("raw", "body"), [(b"[1]", [1]), (b"plain", "plain"), (b"{broken", "{broken"), (b"\x80\x81", "gIE=")]
)
def test_bodies_are_json_or_text_or_base64(raw, body):
    assert variables_of(call(raw))["body"] == body


def test_an_absent_body_is_absent():
    assert "body" not in variables_of(call())


def test_inputs_are_rendered_over_the_trigger():
    admitted = admit(
        hooks('key: k\ninputs:\n  name: "{{ trigger.body.name }}"\n  fixed: 3')[0],
        call(b'{"name": "Ada"}'),
        MOMENT,
        OWNER,
    )
    assert admitted is not None
    assert admitted.start.inputs == {"name": "Ada", "fixed": 3}
    assert admitted.trigger.variables["body"] == {"name": "Ada"}


def test_inputs_that_fail_are_refused_with_a_text():
    with pytest.raises(
        Problem, match="trigger hook0: The inputs of the trigger could not be rendered"
    ) as refused:
        admit(hooks('key: k\ninputs:\n  name: "{{ trigger.body.name }}"')[0], call(), MOMENT, OWNER)
    assert refused.value.status == 422


@pytest.mark.parametrize(("body", "wanted"), [(b'{"go": true}', True), (b'{"go": false}', False)])
def test_when_decides(body, wanted):
    admitted = admit(hooks('key: k\nwhen: "{{ trigger.body.go }}"')[0], call(body), MOMENT, OWNER)
    assert (admitted is not None) is wanted


def test_an_older_expression_condition_decides_too():
    condition = 'key: k\nconditions:\n  - type: io.kestra.plugin.core.condition.Expression\n    expression: "{{ trigger.body.go }}"'
    assert admit(hooks(condition)[0], call(b'{"go": false}'), MOMENT, OWNER) is None
    other = "key: k\nconditions:\n  - type: io.kestra.plugin.core.condition.ExecutionStatus"
    with pytest.raises(Problem, match=r"condition\.ExecutionStatus is not supported"):
        admit(hooks(other)[0], call(), MOMENT, OWNER)


def test_a_when_may_compare_with_a_secret():
    hook = hooks("key: k\nwhen: \"{{ trigger.body == secret('K') }}\"")[0]
    assert admit(hook, call(b"secret-K"), MOMENT, OWNER) is not None
    assert admit(hook, call(b"guessed"), MOMENT, OWNER) is None


def test_what_the_execution_keeps_has_no_credentials_but_conditions_see_them():
    hook = hooks("key: k\nwhen: \"{{ trigger.headers['X-Gitlab-Token'][0] == secret('T') }}\"")[0]
    request = call(
        b"{}", b"q=1&access_token=t", x_gitlab_token="secret-T", authorization="Basic eDp5", cookie="a=b"
    )
    admitted = admit(hook, request, MOMENT, OWNER, Withheld())
    assert admitted is not None
    assert admitted.trigger.variables == {"body": {}, "headers": {}, "parameters": {"q": ["1"]}}
    wrong = call(b"{}", x_gitlab_token="guessed")
    assert admit(hook, wrong, MOMENT, OWNER, Withheld()) is None


def test_a_hook_with_a_signature_takes_only_signed_requests():
    hook = hooks("key: k\nsignature: {scheme: github, secret: S}")[0]
    signed = hmac.new(b"secret-S", b"{}", sha256).hexdigest()
    assert unsigned(hook, call(b"{}", x_hub_signature_256=f"sha256={signed}"), MOMENT) == ""
    assert unsigned(hook, call(b"{ }", x_hub_signature_256=f"sha256={signed}"), MOMENT)
    assert unsigned(hook, call(b"{}"), MOMENT)
    assert unsigned(hooks("key: k")[0], call(b"{}"), MOMENT) == ""


@pytest.mark.parametrize(
    ("content_type", "raw", "body"),
    [
        (b"application/json; charset=iso-8859-1", b'{"a":"\xfc"}', {"a": "ü"}),
        (b"text/xml; charset=ISO-8859-1", b"<a>\xfc</a>", "<a>ü</a>"),
        (b'text/plain; charset="windows-1252"', b"10 \x80", "10 €"),
        (b"application/json", '{"a":1}'.encode("utf-8-sig"), {"a": 1}),
        (b"application/json", '{"a":"ü"}'.encode("utf-16"), {"a": "ü"}),
        (b"text/plain; charset=no-such", b"\x80", "gA=="),
        (b"application/json", b'{"n":12345678901234567890123}', {"n": 12345678901234567890123}),
    ],
)
def test_a_body_is_read_in_its_charset(content_type, raw, body):
    made = Call("POST", [(b"content-type", content_type)], b"", raw)
    assert variables_of(made)["body"] == body


def form(*names):
    parts = [f'Content-Disposition: form-data; name="f"; filename="{name}"\r\n\r\n{name}' for name in names]
    parts.append('Content-Disposition: form-data; name="note"\r\n\r\nv')
    body = "".join(f"--B\r\n{part}\r\n" for part in parts) + "--B--\r\n"
    return Call("POST", [(b"content-type", b"multipart/form-data; boundary=B")], b"", body.encode())


def test_files_of_a_form_are_kept_each_under_an_address_of_its_own():
    variables, kept = call_variables(form("a.jpg", "../a.jpg"), OWNER)
    folder = "kestra:///company/team/hooked/executions/e1/webhook"
    assert kept == (Kept(f"{folder}/0/a.jpg", b"a.jpg"), Kept(f"{folder}/1/a.jpg", b"../a.jpg"))
    assert variables["formFields"] == {"note": ["v"]}
    assert variables["parts"][0] == {
        "name": "f",
        "filename": "a.jpg",
        "contentType": "application/octet-stream",
        "size": 5,
        "uri": kept[0].uri,
    }
    assert "body" not in variables


def test_a_body_is_stored_or_ignored_as_the_trigger_says():
    made = call(b"\xc3\x28")
    variables, kept = call_variables(made, OWNER, "STORE")
    address = "kestra:///company/team/hooked/executions/e1/webhook/body"
    assert kept == (Kept(address, b"\xc3\x28"),)
    assert variables["uri"] == address
    for nothing in (call_variables(made, OWNER, "NONE"), call_variables(call(), OWNER, "STORE")):
        assert nothing == ({"headers": {}, "parameters": {}}, ())


def test_nothing_is_kept_of_a_request_that_starts_nothing():
    hook = hooks('key: k\nfetchType: STORE\nwhen: "{{ trigger.uri is not defined }}"')[0]
    assert admit(hook, call(b"x"), MOMENT, OWNER) is None


@pytest.mark.parametrize(
    ("written", "state", "status"),
    [
        ("", State.SUCCESS, 200),
        ("", State.FAILED, 500),
        ("responseCode: 201", State.FAILED, 201),
        ("responseCode: '202'", State.SUCCESS, 202),
        ('responseCode: "{{ execution.outputs.code }}"', State.SUCCESS, 207),
        ("responseCode: \"{{ execution.state == 'FAILED' ? 503 : 204 }}\"", State.FAILED, 503),
    ],
)
def test_the_status_of_an_answer_that_waited(written, state, status):
    hook = hooks(f"key: one\n{written}".rstrip())[0]
    live = Live("e1", "company", "hooked", 1, 9, [History(state, 1)], outputs={"code": 207})
    assert status_of(hook, live, MOMENT) == status


@pytest.mark.parametrize("written", ["{{ execution.outputs.nope }}", "{{ 'soon' }}", "{{ 99 }}"])
def test_a_status_that_is_none_is_told(written):
    hook = hooks(f'key: one\nresponseCode: "{written}"')[0]
    live = Live("e1", "company", "hooked", 1, 9, [History(State.SUCCESS, 1)])
    with pytest.raises(Problem, match="The `responseCode` of trigger hook0") as problem:
        status_of(hook, live, MOMENT)
    assert problem.value.status == 500
