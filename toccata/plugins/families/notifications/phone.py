"""Telephones: Twilio."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from pydantic import BaseModel

from toccata.plugin import NO_OPTIONS, HttpOptions, Outputs, Properties, RunContext, Secret, TaskType, dynamic
from toccata.plugins.families.notifications.run.facts import Facts
from toccata.plugins.families.notifications.run.send import Delivery, send
from toccata.plugins.families.notifications.webhook import (
    OPTIONS,
    PREFIX,
    About,
    Message,
    WithPayload,
    declared,
)

_API = "https://api.twilio.com"
_QUOTED = "\"{{ secret('TWILIO') }}\""


class Account(Properties):
    account_sid: str = dynamic(doc="id of the account", alias="accountSID")
    auth_token: Secret = dynamic(doc="its token")


class Twilio(WithPayload, Account):
    """Sends a notification through a service of Twilio Notify."""

    url: str = dynamic(doc="address of the service: https://notify.twilio.com/v1/Services/<id>/Notifications")


class TwilioAbout(Twilio, About):
    """Sends a notification about an execution through a service of Twilio Notify."""

    body: str | None = dynamic(None, doc="text in place of the one about the execution")
    identity: str | None = dynamic(None, doc="who gets it")
    tag: str | None = dynamic(None, doc="who gets it, by tag")


class Sms(Account):
    """Sends a text message to a telephone."""

    from_: str = dynamic(doc="number that sends it, as +49170…", alias="from")
    to: str = dynamic(doc="number that gets it")
    body: str = dynamic(doc="the text")
    options: HttpOptions = dynamic(NO_OPTIONS, doc=OPTIONS)
    endpoint: str = dynamic(_API, doc="address of the service, such as that of a region")


class Mms(Sms):
    """Sends a message with pictures to a telephone."""

    media_urls: list[str] = dynamic(doc="addresses of the pictures", min_length=1)


class SentOutputs(BaseModel):
    sid: str
    """Id of the message."""
    status: str
    """What Twilio says of it, such as `queued`."""


def _notify(task: Twilio, payload: Any) -> Delivery:
    sign_in = (task.account_sid, task.auth_token.get_secret_value())
    return Delivery(task.url, form=payload, basic=sign_in)


def _about(task: TwilioAbout, facts: Facts) -> Any:
    given = {"Body": task.body or facts.text(), "Identity": task.identity, "Tag": task.tag}
    return {name: value for name, value in given.items() if value}


async def run_message(task: Sms, run: RunContext) -> Outputs:
    form: dict[str, Any] = {"From": task.from_, "To": task.to, "Body": task.body}
    if isinstance(task, Mms):
        form["MediaUrl"] = task.media_urls
    address = (
        f"{task.endpoint.rstrip('/')}/2010-04-01/Accounts/{quote(task.account_sid, safe='')}/Messages.json"
    )
    sign_in = (task.account_sid, task.auth_token.get_secret_value())
    answer = await send(run, task.options, Delivery(address, form=form, basic=sign_in))
    found = answer if isinstance(answer, dict) else {}
    return {"sid": found.get("sid"), "status": found.get("status")}


def _type(name: str, title: str, properties: type[Properties], more: str = "") -> TaskType:
    text = f"accountSID: AC1\nauthToken: {_QUOTED}\nfrom: '+15550001'\nto: '+15550002'\nbody: The load is late\n{more}"
    return TaskType(
        name=PREFIX + name,
        title=title,
        properties=properties,
        run=run_message,
        outputs=SentOutputs,
        examples=(f"id: text\ntype: {PREFIX}{name}\n{text}",),
    )


SMS_SEND = _type("twilio.notify.sms.Send", "Send a text message", Sms)
MMS_SEND = _type(
    "twilio.notify.mms.Send",
    "Send a message with pictures",
    Mms,
    "mediaUrls: [https://example.com/chart.png]\n",
)
TWILIO_ALERT = declared(
    Message(
        name="twilio.notify.TwilioAlert",
        title="Send a notification through Twilio",
        properties=Twilio,
        deliver=_notify,
        aliases=("notifications.twilio.TwilioAlert",),
        example={
            "url": "https://notify.twilio.com/v1/Services/IS1/Notifications",
            "accountSID": "AC1",
            "authToken": _QUOTED,
            "payload": '\'{"Identity": "0001", "Body": "late"}\'',
        },
    )
)
TWILIO_EXECUTION = declared(
    Message(
        name="twilio.notify.TwilioExecution",
        title="Send a notification about an execution through Twilio",
        properties=TwilioAbout,
        deliver=_notify,
        about=_about,
        aliases=("notifications.twilio.TwilioExecution",),
        example={
            "url": "https://notify.twilio.com/v1/Services/IS1/Notifications",
            "accountSID": "AC1",
            "authToken": _QUOTED,
            "identity": "'0001'",
        },
    )
)
