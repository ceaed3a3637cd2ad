"""Every notification that is an HTTP request: its example is sent to a server of this machine, which records it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.example import example
from tests.support.http_server import Give, Got, always, http_server
from tests.unit.toccata.plugins.families.notifications.support import a_bench, told
from toccata.plugin import TaskType
from toccata.plugins.families.notifications import alert, chat, phone, sendgrid
from toccata.plugins.families.notifications.chat import SLACK_EXECUTION, SLACK_WEBHOOK, TELEGRAM_SEND
from toccata.testing import problems

HOSTS = (
    "https://api.twilio.com", "https://notify.twilio.com", "https://events.pagerduty.com", "https://api.opsgenie.com",
    "https://api.eu.sendgrid.com", "https://api.resend.com",
)  # fmt: skip
MOVED = {
    "telegram.TelegramSend": "endpointOverride", "telegram.TelegramExecution": "endpointOverride",
    "meta.messenger.MessengerExecution": "url", "line.LineExecution": "url", "notifications.x.XExecution": "url",
    "twilio.notify.sms.Send": "endpoint", "twilio.notify.mms.Send": "endpoint",
}  # fmt: skip
"""Types whose examples name no host, and the property that does."""


def services() -> Iterator[TaskType]:
    for module in (alert, chat, phone, sendgrid):
        for each in vars(module).values():
            if isinstance(each, TaskType):
                yield each


def short(task_type: TaskType) -> str:
    return task_type.name.removeprefix("io.kestra.plugin.")


def example_at(task_type: TaskType, url: str) -> dict[str, Any]:
    hosts = {host: url for host in HOSTS if host in task_type.examples[0]}
    written = example(task_type, 0, hosts)
    place = MOVED.get(short(task_type))
    return written if place is None else {**written, place: url}


@pytest.mark.parametrize("task_type", list(services()), ids=short)
async def test_the_example_is_sent_and_no_secret_is_shown(tmp_path: Path, task_type: TaskType) -> None:
    async with http_server(always(Give(200, {"sid": "S1", "status": "queued", "id": "m1"}))) as server:
        dsn = server.url.replace("://", "://s3cret@") + "/7"
        hook = dsn if "Sentry" in task_type.name else f"{server.url}/services/s3cret"
        bench = a_bench(tmp_path, WEBHOOK=hook, ALERTS=hook, TELEGRAM="s3cret", META="s3cret", LINE="s3cret", X="s3cret",
                        PAGERDUTY="s3cret", TWILIO="s3cret", SENDGRID="s3cret", RESEND="s3cret")  # fmt: skip
        written = example_at(task_type, server.url)
        ended = await told(bench, task_type, written)
        assert ended.outcome == "succeeded", ended.message
        assert len(server.got) == 1
        server.answer = always(Give(400, b"no such channel"))
        refused = await told(bench, task_type, written)
    assert "response code '400' and body:\nno such channel" in refused.message
    said = refused.message + "".join(line for _, line in bench.messages)
    assert "s3cret" not in said


@pytest.mark.parametrize(
    "task_type", [each for each in services() if "execution_id" in each.properties.model_fields], ids=short
)
async def test_a_message_about_an_execution_says_which(tmp_path: Path, task_type: TaskType) -> None:
    async with http_server(always(Give(200, {}))) as server:
        dsn = server.url.replace("://", "://k@") + "/7"
        hook = dsn if "Sentry" in task_type.name else server.url
        bench = a_bench(tmp_path, WEBHOOK=hook, ALERTS=hook, TELEGRAM="t0ken", META="t0ken", LINE="t0ken", X="t0ken", PAGERDUTY="t0ken",
                        TWILIO="t0ken", SENDGRID="t0ken", RESEND="t0ken")  # fmt: skip
        written = {**example_at(task_type, server.url), "customFields": {"Table": "orders"}}
        ended = await told(bench, task_type, written)
        assert ended.outcome == "succeeded", ended.message
        unknown = await told(bench, task_type, {**written, "executionId": "elsewhere"})
    sent = server.got[0].body.decode()
    for part in ("company.team", "load", "orders"):
        assert part in sent
    assert "a worker knows nothing of execution `elsewhere`" in unknown.message


# What is special


async def sent(
    tmp_path: Path, task_type: TaskType, written: dict[str, Any], give: Give | None = None, **more: Any
) -> Got:
    async with http_server(always(give or Give(200, b"ok"))) as server:
        bench = a_bench(tmp_path)
        place = MOVED.get(short(task_type), "url")
        ended = await told(bench, task_type, {**written, place: server.url}, **more)
        assert ended.outcome == "succeeded", ended.message
    return server.got[0]


async def test_slack_gets_its_own_markup_from_common_markdown(tmp_path: Path) -> None:
    text = "**bold** and *leaning*, [here](https://example.com/a_b*c*) 2 * 3 * 4"
    got = await sent(tmp_path, SLACK_WEBHOOK, {"messageText": text})
    assert got.json() == {"text": "*bold* and _leaning_, <https://example.com/a_b*c*|here> 2 * 3 * 4"}


async def test_a_payload_is_sent_as_it_is_rendered(tmp_path: Path) -> None:
    payload = '{"text": "{{ flow.id }}", "blocks": []}'
    got = await sent(tmp_path, SLACK_WEBHOOK, {"payload": payload, "messageText": "no"})
    assert got.json() == {"text": "load", "blocks": []}
    assert got.headers["content-type"] == "application/json"
    about = await sent(tmp_path, SLACK_EXECUTION, {"payload": payload})
    assert about.json() == got.json()


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ({}, "the message is missing"),
        ({"payload": '{"text": "a\nb"}'}, "payload: this is no JSON"),
        ({"payload": " "}, "missing"),
    ],
)
async def test_a_message_that_is_none_is_not_sent(tmp_path: Path, written: dict[str, Any], says: str) -> None:
    ended = await told(a_bench(tmp_path), SLACK_WEBHOOK, {"url": "http://127.0.0.1:1", **written})
    assert says in ended.message


async def test_headers_of_the_options_are_sent(tmp_path: Path) -> None:
    options = {"headers": {"X-Team": "{{ flow.id }}"}, "readTimeout": "PT5S", "maxContentLength": 5}
    got = await sent(tmp_path, SLACK_WEBHOOK, {"payload": "{}", "options": options})
    assert got.headers["x-team"] == "load"


async def test_the_execution_that_triggered_this_one_is_told_of(tmp_path: Path) -> None:
    trigger = {"executionId": "e0", "namespace": "company", "flowId": "source", "state": "SUCCESS"}
    written = {"executionId": "{{ trigger.executionId }}", "channel": "#a", "customFields": {"Rows": 12}}
    got = await sent(tmp_path, SLACK_EXECUTION, written, trigger=trigger)
    content = json.loads(got.body)
    assert content["channel"] == "#a"
    assert "Execution of company.source is SUCCESS" in content["text"]
    (attachment,) = content["attachments"]
    assert attachment["color"] == "#2EB67D"
    texts = [each["text"] for each in attachment["blocks"][0]["fields"]]
    assert texts == [
        "*Namespace*\ncompany",
        "*Flow*\nsource",
        "*Execution*\ne0",
        "*State*\nSUCCESS",
        "*Rows*\n12",
    ]


async def test_telegram_gets_the_text_in_its_mode(tmp_path: Path) -> None:
    written = {"token": "1:a", "channel": "@x", "payload": "*hi*", "parseMode": "markdownv2"}
    got = await sent(tmp_path, TELEGRAM_SEND, written)
    assert got.path == "/bot1:a/sendMessage"
    assert got.json() == {"chat_id": "@x", "text": "*hi*", "parse_mode": "MarkdownV2"}


@pytest.mark.parametrize(
    ("kind", "path"), [("ENVELOPE", "/sub/api/7/envelope/"), ("store", "/sub/api/7/store/")]
)
async def test_sentry_gets_events_where_its_dsn_says(tmp_path: Path, kind: str, path: str) -> None:
    async with http_server(always(Give(200, {}))) as server:
        dsn = server.url.replace("://", "://key@") + "/sub/7"
        written = {"dsn": dsn, "endpointType": kind, "payload": '{"event_id": "a1", "message": "x"}'}
        ended = await told(a_bench(tmp_path), alert.SENTRY_ALERT, written)
        assert ended.outcome == "succeeded", ended.message
    (got,) = server.got
    assert got.path == path
    assert "sentry_key=key" in got.headers["x-sentry-auth"]
    lines = [json.loads(line) for line in got.body.splitlines()]
    event = {"event_id": "a1", "message": "x"}
    assert lines == (
        [event]
        if kind == "store"
        else [{"event_id": "a1"}, {"type": "event", "length": len('{"event_id":"a1","message":"x"}')}, event]
    )


async def test_a_dsn_that_is_none_is_not_shown(tmp_path: Path) -> None:
    ended = await told(a_bench(tmp_path), alert.SENTRY_ALERT, {"dsn": "https://host/7", "payload": "{}"})
    assert ended.message == "dsn: write it as https://<key>@<host>/<project>"


async def test_twilio_gets_a_form_and_the_sign_in_of_the_account(tmp_path: Path) -> None:
    written = {
        "accountSID": "AC1",
        "authToken": "t0ken",
        "from": "+1",
        "to": "+2",
        "body": "hi",
        "mediaUrls": ["http://a", "http://b"],
    }
    got = await sent(tmp_path, phone.MMS_SEND, written, Give(201, {"sid": "S1", "status": "queued"}))
    assert got.path == "/2010-04-01/Accounts/AC1/Messages.json"
    assert got.body == b"From=%2B1&To=%2B2&Body=hi&MediaUrl=http%3A%2F%2Fa&MediaUrl=http%3A%2F%2Fb"
    assert got.headers["authorization"] == "Basic QUMxOnQwa2Vu"


async def test_sendgrid_gets_files_and_says_what_it_answers(tmp_path: Path) -> None:
    async with http_server(always(Give(202, b"", {"X-Message-Id": "m1"}))) as server:
        bench = a_bench(tmp_path)
        uri = await bench.storage.put("kestra:///company/team/chart.png", b"png")
        image = {"uri": uri, "name": "chart", "contentType": "image/png"}
        written = {"sendgridApiKey": "k", "from": "a@x", "to": ["b@x"], "cc": ["c@x"], "htmlContent": "<img src='cid:chart'>",
                   "embeddedImages": [image], "attachments": [image], "endpoint": server.url}  # fmt: skip
        ended = await told(bench, sendgrid.SENDGRID_SEND, written)
        assert ended.outcome == "succeeded", ended.message
    content = json.loads(server.got[0].body)
    assert content["personalizations"] == [{"to": [{"email": "b@x"}], "cc": [{"email": "c@x"}]}]
    assert [each["disposition"] for each in content["attachments"]] == ["attachment", "inline"]
    assert content["attachments"][1]["content_id"] == "chart"
    assert (ended.outputs["statusCode"], ended.outputs["headers"]["x-message-id"]) == (202, "m1")


async def test_resend_sends_a_mail_once_however_often_the_task_run_tries(tmp_path: Path) -> None:
    async with http_server(always(Give(200, {"id": "m1"}))) as server:
        written = {
            "apiKey": "k",
            "from": "a@x",
            "to": ["b@x"],
            "subject": "s",
            "text": "t0ken",
            "endpoint": server.url,
        }
        for _ in range(2):
            ended = await told(a_bench(tmp_path), sendgrid.RESEND, written)
    assert ended.outputs == {"id": "m1"}
    assert [got.headers["idempotency-key"] for got in server.got] == ["tr1", "tr1"]


async def test_x_needs_one_way_to_sign_in(tmp_path: Path) -> None:
    ended = await told(a_bench(tmp_path), chat.X_EXECUTION, {"url": "http://127.0.0.1:1", "consumerKey": "k"})
    assert "`bearerToken` is needed, or" in ended.message
    keys = {
        "consumerKey": "k",
        "consumerSecret": "s",
        "accessToken": "t0ken",
        "accessSecret": "u",
        "textBody": "hi",
    }
    got = await sent(tmp_path, chat.X_EXECUTION, keys)
    assert got.headers["authorization"].startswith('OAuth oauth_consumer_key="k", oauth_nonce="')
    assert got.json() == {"text": "hi"}


def test_old_names_are_accepted() -> None:
    names = {alias for each in services() for alias in each.aliases}
    old = "io.kestra.plugin.notifications."
    assert {
        f"{old}slack.SlackIncomingWebhook",
        f"{old}discord.DiscordExecution",
        f"{old}teams.TeamsExecution",
    } <= names


def test_what_is_missing_is_said_when_the_flow_is_saved() -> None:
    assert [each.path for each in problems(SLACK_WEBHOOK, {"payload": "{}"})] == ["url"]
    embeds = {"url": "https://x", "embedList": [{"title": "a", "color": [1, 2, 300]}]}
    assert [each.path for each in problems(chat.DISCORD_EXECUTION, embeds)] == ["embedList[0].color[2]"]
