"""Mails: from properties to a message, and out."""

from __future__ import annotations

from email.message import EmailMessage
from email.utils import formatdate, getaddresses, make_msgid
from html import escape

from toccata.plugin import RunContext, StorageRefused, TaskFailed, in_thread
from toccata.plugins.families.notifications import mail as declared
from toccata.plugins.families.notifications.run.facts import Facts, facts_of
from toccata.plugins.families.notifications.run.smtp import Session

MOST_BYTES = 50 * 1024 * 1024
"""Of all attachments together. Hardly any server takes more, and a mail is held in memory."""


async def send(task: declared.MailSend, run: RunContext) -> None:
    await _send(task, run, task.plain_text_content, task.html_text_content, task.subject)


async def send_about(task: declared.MailAbout, run: RunContext) -> None:
    facts = facts_of(task, run)
    await _send(
        task, run, task.plain_text_content or facts.text(), page_of(facts), task.subject or facts.title
    )


async def _send(
    task: declared.Mail, run: RunContext, plain: str | None, html: str | None, subject: str | None
) -> None:
    receivers = [*_addresses("to", task.to), *_addresses("cc", task.cc)]
    senders = _addresses("from", task.from_)
    if not task.host:
        raise TaskFailed("host: the mail server is missing")
    if len(senders) != 1:
        raise TaskFailed(f"from: one address is needed (given: {task.from_!r})")
    if not receivers:
        raise TaskFailed("to: nobody gets the mail")
    message = head_of(task, subject)
    fill(message, plain, html)
    await _embed(task, run, message)
    await _attach(task, run, message)
    session = Session(task)
    run.on_kill(session.stop)
    refused = await in_thread(session.send, message, senders[0], receivers, stop=session.stop)
    for address, reason in refused.items():
        run.warn(f"{address} does not get the mail: {reason}")
    run.log("INFO", f"mail sent to {len(receivers) - len(refused)} of {len(receivers)} addresses")


def head_of(task: declared.Mail, subject: str | None) -> EmailMessage:
    message = EmailMessage()
    try:
        message["From"], message["To"] = task.from_, (task.to or "").replace(";", ",")
        if task.cc:
            message["Cc"] = task.cc.replace(";", ",")
        message["Subject"] = " ".join((subject or "").split())
    except ValueError as error:
        raise TaskFailed(f"an address or the subject cannot stand in a mail: {error}") from None
    message["Date"] = formatdate(localtime=False)
    message["Message-ID"] = make_msgid(domain=(task.host or "toccata").partition(":")[0])
    return message


def fill(message: EmailMessage, plain: str | None, html: str | None) -> None:
    """Text and HTML: readers choose."""
    message.set_content(plain or "")
    if html is not None:
        if plain:
            message.add_alternative(html, subtype="html")
        else:
            message.set_content(html, subtype="html")


async def _embed(task: declared.Mail, run: RunContext, message: EmailMessage) -> None:
    for image in task.embedded_images or ():
        kind, _, subtype = image.content_type.partition("/")
        html = message.get_body(("html", "plain"))
        if html is None:
            raise TaskFailed("embeddedImages: the mail has no text to show them in")
        content = await _content(run, "embeddedImages", image, MOST_BYTES)
        html.add_related(
            content, kind, subtype, cid=f"<{image.name}>", filename=image.name, disposition="inline"
        )


async def _attach(task: declared.Mail, run: RunContext, message: EmailMessage) -> None:
    left = MOST_BYTES
    for file in task.attachments or ():
        kind, _, subtype = file.content_type.partition("/")
        content = await _content(run, "attachments", file, left)
        left -= len(content)
        message.add_attachment(content, kind, subtype, filename=file.name)


async def _content(run: RunContext, name: str, file: declared.Attachment, most: int) -> bytes:
    try:
        if await run.storage.size(file.uri) > most:
            raise TaskFailed(
                f"{name}: the files have more than {MOST_BYTES:,} bytes together: send a link instead"
            )
        return await run.storage.get(file.uri)
    except StorageRefused as error:
        raise TaskFailed(f"{name}: {error}") from None


def _addresses(name: str, text: str | None) -> list[str]:
    found = [address for _, address in getaddresses([(text or "").replace(";", ",")]) if address]
    for address in found:
        if "@" not in address:
            raise TaskFailed(f"{name}: `{address}` is no mail address")
    if text and text.strip() and not found:
        raise TaskFailed(f"{name}: `{text}` is no mail address")
    return found


def page_of(facts: Facts) -> str:
    rows = "".join(
        f"<tr><th align=left>{escape(k)}</th><td>{escape(v)}</td></tr>" for k, v in facts.lines().items()
    )
    message = f"<p>{escape(facts.message)}</p>" if facts.message else ""
    link = f'<p><a href="{escape(facts.link)}">Open the execution</a></p>' if facts.link else ""
    return f"<h2>{escape(facts.title)}</h2>{message}<table cellpadding=4>{rows}</table>{link}"
