"""Mails over the APIs of SendGrid and Resend."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from toccata.plugin import HttpRequest, Outputs, RunContext, StorageRefused, TaskFailed, write_json
from toccata.plugins.families.notifications import sendgrid as declared
from toccata.plugins.families.notifications.run.facts import facts_of
from toccata.plugins.families.notifications.run.mail import MOST_BYTES, page_of
from toccata.plugins.families.notifications.run.send import Delivery, send

_JSON = "application/json"


async def send_grid(task: declared.SendGrid, run: RunContext) -> Outputs:
    plain, html, subject = task.text_content, task.html_content, task.subject
    if isinstance(task, declared.SendGridAbout):
        facts = facts_of(task, run)
        plain, html, subject = plain or facts.text(), html or page_of(facts), subject or facts.title
    texts = [
        {"type": kind, "value": text} for kind, text in (("text/plain", plain), ("text/html", html)) if text
    ]
    if not texts:
        raise TaskFailed("`textContent` or `htmlContent` is needed")
    people = _known({"to": _emails(task.to), "cc": _emails(task.cc)})
    files = [await _grid_file(run, file, "attachment") for file in task.attachments or ()]
    files += [await _grid_file(run, file, "inline") for file in task.embedded_images or ()]
    mail = _known(
        {
            "personalizations": [people],
            "from": {"email": task.from_},
            "subject": subject or "",
            "content": texts,
            "attachments": files or None,
        }
    )
    headers = {"Authorization": f"Bearer {task.sendgrid_api_key.get_secret_value()}"}
    request = HttpRequest(
        "POST", f"{task.endpoint.rstrip('/')}/v3/mail/send", headers, {}, write_json(mail), _JSON
    )
    async with run.http(task.options) as http, http.send(request) as answer:
        names = {name: values[0] for name, values in answer.headers.items()}
        return {"body": await answer.text() or None, "headers": names, "statusCode": answer.status}


async def send_resend(task: declared.Resend, run: RunContext) -> Outputs:
    if not task.html and not task.text:
        raise TaskFailed("`text` or `html` is needed")
    mail = _known(
        {
            "from": task.from_,
            "to": task.to,
            "subject": task.subject,
            "cc": task.cc,
            "bcc": task.bcc,
            "reply_to": task.reply_to,
            "html": task.html,
            "text": task.text,
            "headers": task.headers,
            "scheduled_at": task.scheduled_at,
            "tags": [each.model_dump() for each in task.tags] if task.tags else None,
            "attachments": [await _resend_file(run, file) for file in task.attachments]
            if task.attachments
            else None,
        }
    )
    headers = {
        "Authorization": f"Bearer {task.api_key.get_secret_value()}",
        "Idempotency-Key": task.idempotency_key or run.file_prefix.rstrip("/").rpartition("/")[2],
    }
    answer = await send(
        run, task.options, Delivery(f"{task.endpoint.rstrip('/')}/emails", mail, headers=headers)
    )
    return {"id": answer.get("id") if isinstance(answer, dict) else None}


async def _grid_file(run: RunContext, file: declared.GridFile, disposition: str) -> dict[str, Any]:
    content = await _content(run, file.uri)
    found = {"content": content, "filename": file.name, "type": file.content_type, "disposition": disposition}
    return found | ({"content_id": file.name} if disposition == "inline" else {})


async def _resend_file(run: RunContext, file: declared.ResendFile) -> dict[str, Any]:
    if (file.uri is None) == (file.path is None):
        raise TaskFailed(f"attachments: `{file.name}` needs `uri` or `path`")
    content = await _content(run, file.uri) if file.uri else None
    return _known(
        {
            "filename": file.name,
            "content": content,
            "path": file.path,
            "content_id": file.content_id,
            "content_type": file.content_type,
        }
    )


async def _content(run: RunContext, uri: str) -> str:
    try:
        if await run.storage.size(uri) > MOST_BYTES:
            raise TaskFailed(f"attachments: `{uri}` has more than {MOST_BYTES:,} bytes: send a link instead")
        return b64encode(await run.storage.get(uri)).decode()
    except StorageRefused as error:
        raise TaskFailed(f"attachments: {error}") from None


def _emails(addresses: list[str] | None) -> list[dict[str, str]] | None:
    return [{"email": each} for each in addresses] if addresses else None


def _known(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
