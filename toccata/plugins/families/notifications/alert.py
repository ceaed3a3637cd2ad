"""Alerts: PagerDuty, Opsgenie, Sentry, Squadcast and Zenduty."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import uuid4

from pydantic import BeforeValidator, Field

from toccata.plugin import Secret, dynamic
from toccata.plugins.families.notifications.run import message, sentry
from toccata.plugins.families.notifications.run.send import Delivery
from toccata.plugins.families.notifications.webhook import (
    About,
    Message,
    Webhook,
    WithPayload,
    declared,
    post,
)

_HOOK = "\"{{ secret('ALERTS') }}\""


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


class PagerDutyAbout(Webhook, About):
    """Opens an incident about an execution at PagerDuty."""

    routing_key: str | None = dynamic(None, doc="key of the integration")
    deduplication_key: str | None = dynamic(None, doc="alerts with the same key are one incident")
    event_action: str | None = dynamic(None, doc="`trigger`, `acknowledge` or `resolve`; default: trigger")
    payload_summary: str | None = dynamic(None, doc="text in place of the one about the execution")


class Opsgenie(Webhook):
    """Creates an alert at Opsgenie."""

    authorization_token: Secret | None = dynamic(None, doc="key of the integration")


class OpsgenieAbout(Opsgenie, About):
    """Creates an alert about an execution at Opsgenie."""

    message: str | None = dynamic(None, doc="text in place of the one about the execution")
    alias: str | None = dynamic(None, doc="alerts with the same alias are one")
    responders: dict[str, str] | None = dynamic(
        None, doc="who deals with it: ids and their kinds, such as `team`"
    )
    visible_to: dict[str, str] | None = dynamic(None, doc="who sees it: ids and their kinds")
    tags: list[str] | None = dynamic(None, doc="tags")
    priority: str | None = dynamic(None, doc="P1 to P5")


class Sentry(WithPayload):
    """Sends an event to Sentry."""

    dsn: Secret = dynamic(doc="address of the project: https://<key>@<host>/<project>")
    endpoint_type: Annotated[Literal["ENVELOPE", "STORE"], BeforeValidator(_upper)] = dynamic(
        "ENVELOPE", doc="STORE for old servers"
    )


class SentryAbout(Sentry, About):
    """Sends an event about an execution to Sentry."""

    event_id: str = dynamic(
        doc="32 hexadecimal digits; default: by chance", default_factory=lambda: uuid4().hex
    )
    platform: Annotated[str, BeforeValidator(_upper), Field(pattern="^[A-Z0-9]+$")] = dynamic(
        "JAVA", doc="what it runs on, as Sentry names it, such as PYTHON"
    )
    level: Annotated[Literal["FATAL", "ERROR", "WARNING", "INFO", "DEBUG"], BeforeValidator(_upper)] = (
        dynamic("ERROR", doc="how bad it is")
    )
    transaction: str | None = dynamic(None, doc="what it is about; default: the flow")
    server_name: str | None = dynamic(None, doc="where it is")
    extra: dict[str, Any] | None = dynamic(None, doc="further values")
    errors: dict[str, Any] | None = dynamic(None, doc="errors, as Sentry writes them")


class SquadcastAbout(Webhook, About):
    """Opens an incident about an execution at Squadcast."""

    message: str = dynamic(doc="title of the incident")
    priority: str | None = dynamic(None, doc="P1 to P5")
    event_id: str | None = dynamic(None, doc="alerts with the same id are one incident")
    status: str | None = dynamic(None, doc="`trigger` or `resolve`; default: trigger")
    tags: dict[str, str] | None = dynamic(None, doc="tags")


class ZendutyAbout(Webhook, About):
    """Opens an alert about an execution at Zenduty."""

    message: str | None = dynamic(None, doc="title of the alert")
    summary: str | None = dynamic(None, doc="text in place of the one about the execution")
    alert_type: (
        Annotated[
            Literal["CRITICAL", "ACKNOWLEDGED", "RESOLVED", "ERROR", "WARNING", "INFO"],
            BeforeValidator(_upper),
        ]
        | None
    ) = dynamic(None, doc="default: CRITICAL after a failure, INFO otherwise")
    entity_id: str | None = dynamic(None, doc="alerts with the same id are one")
    urls: list[str] | None = dynamic(None, doc="further links")


def _opsgenie(task: Opsgenie, payload: Any) -> Delivery:
    token = task.authorization_token
    headers = {"Authorization": f"GenieKey {token.get_secret_value()}"} if token else {}
    return Delivery(task.url.get_secret_value(), payload, headers=headers)


def _sentry(task: Sentry, payload: Any) -> Delivery:
    return sentry.delivery(task.dsn.get_secret_value(), task.endpoint_type, payload)


PAGERDUTY_ALERT = declared(
    Message(
        name="pagerduty.PagerDutyAlert",
        title="Send an alert to PagerDuty",
        properties=Webhook,
        deliver=post,
        aliases=("notifications.pagerduty.PagerDutyAlert",),
        example={
            "url": "https://events.pagerduty.com/v2/enqueue",
            "payload": '\'{"routing_key": "k", "event_action": "trigger"}\'',
        },
    )
)
PAGERDUTY_EXECUTION = declared(
    Message(
        name="pagerduty.PagerDutyExecution",
        title="Open an incident about an execution at PagerDuty",
        properties=PagerDutyAbout,
        deliver=post,
        about=message.pagerduty,
        aliases=("notifications.pagerduty.PagerDutyExecution",),
        example={
            "url": "https://events.pagerduty.com/v2/enqueue",
            "routingKey": "\"{{ secret('PAGERDUTY') }}\"",
        },
    )
)
OPSGENIE_ALERT = declared(
    Message(
        name="opsgenie.OpsgenieAlert",
        title="Create an alert at Opsgenie",
        properties=Opsgenie,
        deliver=_opsgenie,
        aliases=("notifications.opsgenie.OpsgenieAlert",),
        example={
            "url": "https://api.opsgenie.com/v2/alerts",
            "payload": '\'{"message": "late"}\'',
            "authorizationToken": _HOOK,
        },
    )
)
OPSGENIE_EXECUTION = declared(
    Message(
        name="opsgenie.OpsgenieExecution",
        title="Create an alert about an execution at Opsgenie",
        properties=OpsgenieAbout,
        deliver=_opsgenie,
        about=message.opsgenie,
        aliases=("notifications.opsgenie.OpsgenieExecution",),
        example={"url": "https://api.opsgenie.com/v2/alerts", "authorizationToken": _HOOK, "priority": "P1"},
    )
)
SENTRY_ALERT = declared(
    Message(
        name="sentry.SentryAlert",
        title="Send an event to Sentry",
        properties=Sentry,
        deliver=_sentry,
        aliases=("notifications.sentry.SentryAlert",),
        example={"dsn": _HOOK, "payload": '\'{"message": "late", "level": "error"}\''},
    )
)
SENTRY_EXECUTION = declared(
    Message(
        name="sentry.SentryExecution",
        title="Send an event about an execution to Sentry",
        properties=SentryAbout,
        deliver=_sentry,
        about=message.sentry,
        aliases=("notifications.sentry.SentryExecution",),
        example={"dsn": _HOOK, "level": "WARNING"},
    )
)
SQUADCAST_WEBHOOK = declared(
    Message(
        name="squadcast.SquadcastIncomingWebhook",
        title="Send an alert to Squadcast",
        properties=Webhook,
        deliver=post,
        aliases=("notifications.squadcast.SquadcastIncomingWebhook",),
        example={"url": _HOOK, "payload": '\'{"message": "late"}\''},
    )
)
SQUADCAST_EXECUTION = declared(
    Message(
        name="squadcast.SquadcastExecution",
        title="Open an incident about an execution at Squadcast",
        properties=SquadcastAbout,
        deliver=post,
        about=message.squadcast,
        aliases=("notifications.squadcast.SquadcastExecution",),
        example={"url": _HOOK, "message": "The load is late"},
    )
)
ZENDUTY_ALERT = declared(
    Message(
        name="zenduty.ZendutyAlert",
        title="Send an alert to Zenduty",
        properties=Webhook,
        deliver=post,
        aliases=("notifications.zenduty.ZendutyAlert",),
        example={"url": _HOOK, "payload": '\'{"message": "late", "alert_type": "error"}\''},
    )
)
ZENDUTY_EXECUTION = declared(
    Message(
        name="zenduty.ZendutyExecution",
        title="Open an alert about an execution at Zenduty",
        properties=ZendutyAbout,
        deliver=post,
        about=message.zenduty,
        aliases=("notifications.zenduty.ZendutyExecution",),
        example={"url": _HOOK, "alertType": "WARNING"},
    )
)
