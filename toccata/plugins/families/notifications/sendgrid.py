"""Mail over HTTP: SendGrid and Resend."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from toccata.plugin import NO_OPTIONS, HttpOptions, Properties, Secret, TaskType, dynamic, static
from toccata.plugins.families.notifications.webhook import OPTIONS, PREFIX, About

_RUN = "toccata.plugins.families.notifications.run.sendgrid"


class GridFile(Properties):
    """A file of internal storage."""

    uri: str = static(doc="the file")
    name: str = static(doc="its name; of an embedded picture, what `cid:` names")
    content_type: str = static("application/octet-stream", doc="what it is")


class SendGrid(Properties):
    """Sends a mail through SendGrid."""

    sendgrid_api_key: Secret = dynamic(doc="the key")
    from_: str = dynamic(doc="who sends it", alias="from")
    to: list[str] = dynamic(doc="who gets it", min_length=1)
    cc: list[str] | None = dynamic(None, doc="who gets a copy")
    subject: str | None = dynamic(None, doc="the subject")
    html_content: str | None = dynamic(None, doc="the text in HTML")
    text_content: str | None = dynamic(None, doc="the text")
    attachments: list[GridFile] | None = dynamic(None, doc="files to attach")
    embedded_images: list[GridFile] | None = dynamic(
        None, doc="pictures that the text shows with `cid:<name>`"
    )
    options: HttpOptions = dynamic(NO_OPTIONS, doc=OPTIONS)
    endpoint: str = dynamic("https://api.sendgrid.com", doc="address of the service, such as that of the EU")


class SendGridAbout(SendGrid, About):
    """Sends a mail about an execution through SendGrid."""


class GridOutputs(BaseModel):
    body: str | None
    """What SendGrid answers."""
    headers: dict[str, str]
    """Of the answer."""
    statusCode: int  # noqa: N815 - the name of the output
    """Of the answer."""


class ResendFile(Properties):
    """A file to attach: one of internal storage, or one that Resend fetches."""

    uri: str | None = static(None, doc="a file of internal storage")
    path: str | None = static(None, doc="address from which Resend fetches it")
    name: str = static(doc="its name")
    content_id: str | None = static(None, doc="what `cid:` names")
    content_type: str | None = static(None, doc="what it is")


class ResendTag(Properties):
    """A tag."""

    name: str = static(doc="its name")
    value: str = static(doc="its value")


class Resend(Properties):
    """Sends a mail through Resend."""

    api_key: Secret = dynamic(doc="the key")
    from_: str = dynamic(doc="who sends it", alias="from")
    to: list[str] = dynamic(doc="who gets it", min_length=1, max_length=50)
    subject: str = dynamic(doc="the subject")
    cc: list[str] | None = dynamic(None, doc="who gets a copy")
    bcc: list[str] | None = dynamic(None, doc="who gets a copy unseen")
    reply_to: list[str] | None = dynamic(None, doc="who gets answers")
    html: str | None = dynamic(None, doc="the text in HTML")
    text: str | None = dynamic(None, doc="the text")
    headers: dict[str, str] | None = dynamic(None, doc="further headers of the mail")
    idempotency_key: str | None = dynamic(
        None, doc="the same key is sent once; default: the task run, so that no retry sends it twice"
    )
    scheduled_at: str | None = dynamic(None, doc="when it goes out")
    attachments: list[ResendFile] | None = dynamic(None, doc="files to attach")
    tags: list[ResendTag] | None = dynamic(None, doc="tags")
    options: HttpOptions = dynamic(NO_OPTIONS, doc=OPTIONS)
    endpoint: str = dynamic("https://api.resend.com", doc="address of the service")


class ResendOutputs(BaseModel):
    id: str
    """Of the mail."""


def _type(  # noqa: PLR0913 - what types differ in
    name: str,
    title: str,
    properties: type[Properties],
    run: str,
    outputs: type[BaseModel],
    example: str,
    **more: Any,
) -> TaskType:
    text = f"id: mail\ntype: {PREFIX}{name}\n{example}from: reports@example.com\nto: [ann@example.com]\nsubject: Done\n"
    return TaskType(
        name=PREFIX + name,
        title=title,
        properties=properties,
        run=f"{_RUN}:{run}",
        outputs=outputs,
        examples=(text,),
        **more,
    )


_GRID = "sendgridApiKey: \"{{ secret('SENDGRID') }}\"\nendpoint: https://api.eu.sendgrid.com\n"
SENDGRID_SEND = _type(
    "twilio.sendgrid.SendGridMailSend",
    "Send a mail through SendGrid",
    SendGrid,
    "send_grid",
    GridOutputs,
    _GRID + "textContent: The load is done\n",
    aliases=(f"{PREFIX}notifications.sendgrid.SendGridMailSend",),
)
SENDGRID_EXECUTION = _type(
    "twilio.sendgrid.SendGridMailExecution",
    "Send a mail about an execution through SendGrid",
    SendGridAbout,
    "send_grid",
    GridOutputs,
    _GRID,
    aliases=(f"{PREFIX}notifications.sendgrid.SendGridMailExecution",),
)
RESEND = _type(
    "resend.email.Send",
    "Send a mail through Resend",
    Resend,
    "send_resend",
    ResendOutputs,
    "apiKey: \"{{ secret('RESEND') }}\"\nendpoint: https://api.resend.com\ntext: The load is done\n",
)
