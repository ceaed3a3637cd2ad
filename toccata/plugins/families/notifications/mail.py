"""Mail over SMTP."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator

from toccata.plugin import NotJson, Properties, Secret, TaskType, dynamic, read_json, static
from toccata.plugins.families.notifications.webhook import PREFIX, About

_RUN = "toccata.plugins.families.notifications.run.mail"
Strategy = Literal["SMTP", "SMTPS", "SMTP_TLS", "SMTP_OAUTH2"]


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


def _list(value: object) -> object:
    """JSON text of a list or of one attachment, or one attachment."""
    if isinstance(value, str):
        try:
            value = read_json(value)
        except NotJson as error:
            raise ValueError(
                f"must be a list of {{uri, name, contentType}}, or JSON of one: {error}"
            ) from None
    return [value] if isinstance(value, dict) else value


class Attachment(Properties):
    """A file of internal storage."""

    uri: str = static(doc="the file")
    name: str = static(doc="its name; of an embedded picture, what `cid:` names")
    content_type: str = static("application/octet-stream", doc="what it is", pattern=r"^[\w.+-]+/[\w.+-]+$")


Attachments = Annotated[list[Attachment], BeforeValidator(_list)]


class Mail(Properties):
    host: str | None = dynamic(None, doc="mail server")
    port: int | None = dynamic(
        None,
        doc="its port; default: 465 for SMTPS, 587 for SMTP_TLS and SMTP_OAUTH2, 25 for SMTP",
        ge=1,
        le=65_535,
    )
    username: str | None = dynamic(None, doc="who signs in; without it, nobody does")
    password: Secret | None = dynamic(None, doc="the password")
    access_token: Secret | None = dynamic(None, doc="token in place of the password, for SMTP_OAUTH2")
    transport_strategy: Annotated[Strategy, BeforeValidator(_upper)] = dynamic(
        "SMTPS",
        doc="SMTPS: TLS from the start; SMTP_TLS: TLS by STARTTLS, or no mail; SMTP_OAUTH2: the same, with a token; "
        "SMTP: TLS only if the server offers it",
    )
    session_timeout: int = dynamic(10_000, doc="how long to wait for the server, in milliseconds", ge=1)
    verify_server_identity: bool = dynamic(default=True, doc="false: the certificate may be for another host")
    trusted_hosts: list[str] | None = dynamic(
        None, doc="hosts whose certificates are not checked; `*` for all"
    )
    from_: str | None = dynamic(None, doc="who sends it", alias="from")
    to: str | None = dynamic(None, doc="who gets it: addresses, separated by `;` or `,`")
    cc: str | None = dynamic(None, doc="who gets a copy")
    subject: str | None = dynamic(None, doc="the subject")
    plain_text_content: str | None = dynamic(None, doc="the text")
    attachments: Attachments | None = dynamic(
        None, doc="files to attach: a list of `{uri, name, contentType}`, or JSON of one"
    )
    embedded_images: Attachments | None = dynamic(
        None, doc='pictures that the text shows with `<img src="cid:<name>">`'
    )


class MailSend(Mail):
    """Sends a mail. Without `htmlTextContent` and `plainTextContent` it has no text."""

    html_text_content: str | None = dynamic(None, doc="the text in HTML")


class MailAbout(Mail, About):
    """Sends a mail about an execution: a table of what is known of it, with a link."""


SEND = TaskType(
    name=f"{PREFIX}email.MailSend",
    title="Send a mail",
    properties=MailSend,
    run=f"{_RUN}:send",
    aliases=(f"{PREFIX}notifications.mail.MailSend",),
    examples=(
        f"""\
id: mail
type: {PREFIX}email.MailSend
host: mail.example.com
port: 465
username: reports
password: "{{{{ secret('MAIL') }}}}"
from: reports@example.com
to: ann@example.com;bob@example.com
subject: "Report of {{{{ flow.id }}}}"
htmlTextContent: "<p>See the <b>file</b>.</p>"
attachments:
  - uri: "{{{{ outputs.report.uri }}}}"
    name: report.csv
    contentType: text/csv
""",
    ),
)
ABOUT = TaskType(
    name=f"{PREFIX}email.MailExecution",
    title="Send a mail about an execution",
    properties=MailAbout,
    run=f"{_RUN}:send_about",
    aliases=(f"{PREFIX}notifications.mail.MailExecution",),
    examples=(
        f"""\
id: mail
type: {PREFIX}email.MailExecution
host: mail.example.com
port: 465
username: reports
password: "{{{{ secret('MAIL') }}}}"
from: reports@example.com
to: ann@example.com
subject: "{{{{ flow.id }}}} failed"
executionId: "{{{{ execution.id }}}}"
""",
    ),
)
