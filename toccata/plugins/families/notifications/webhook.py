"""Properties that notifications share, and the declaration of types that differ only in data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from toccata.plugin import (
    NO_OPTIONS,
    HttpOptions,
    Properties,
    RunContext,
    Secret,
    TaskType,
    dynamic,
)
from toccata.plugins.families.notifications.run.facts import Facts, facts_of
from toccata.plugins.families.notifications.run.send import Delivery, payload_of, send

PREFIX = "io.kestra.plugin."
OPTIONS = "how the request is sent: limits of time, proxy, TLS, retries, further headers"


class Notification(Properties):
    options: HttpOptions = dynamic(NO_OPTIONS, doc=OPTIONS)


class WithPayload(Notification):
    payload: str | None = dynamic(None, doc="the message as JSON text, as the service wants it")


class Webhook(WithPayload):
    """Sends a message to the address that the service gave for it."""

    url: Secret = dynamic(
        doc="the address of the webhook. Whoever knows it can send messages, so it is never shown"
    )


class About(Properties):
    """What a message about an execution has."""

    execution_id: str | None = dynamic(
        None,
        doc="the execution: by default the current one; the one that triggered it is `{{ trigger.executionId }}`",
    )
    custom_message: str | None = dynamic(None, doc="a text at the top of the message")
    custom_fields: dict[str, Any] | None = dynamic(None, doc="further lines of the message: names and values")
    template_render_map: dict[str, Any] | None = dynamic(
        None,
        doc="values in place of those of the execution: `link`, `namespace`, `flowId`, `state`, `startDate`, `duration`",
    )


Deliver: TypeAlias = Callable[[Any, Any], Delivery]
"""Properties and the payload, which is a JSON value, to what is sent."""
Payload: TypeAlias = Callable[[Any, Facts], Any]
"""Properties and facts to the payload."""


def _written(task: Any) -> Any:
    return payload_of(task.payload)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One type. Without ``about``, it sends the payload that the flow gives."""

    name: str
    title: str
    properties: type[Properties]
    deliver: Deliver
    compose: Callable[[Any], Any] = field(default=_written)
    """The payload that the flow gives. Raises TaskFailed."""
    about: Payload | None = None
    aliases: tuple[str, ...] = ()
    example: Mapping[str, str] = field(default_factory=dict)
    """Properties of the example as YAML."""


def declared(message: Message) -> TaskType:
    async def run(task: Any, run: RunContext) -> None:
        if message.about is None or getattr(task, "payload", None):
            payload = message.compose(task)
        else:
            payload = message.about(task, facts_of(task, run))
        await send(run, task.options, message.deliver(task, payload))

    text = "".join(f"{key}: {value}\n" for key, value in message.example.items())
    return TaskType(
        name=PREFIX + message.name,
        title=message.title,
        properties=message.properties,
        run=run,
        aliases=tuple(PREFIX + each for each in message.aliases),
        examples=(f"id: notify\ntype: {PREFIX}{message.name}\n{text}",),
    )


def post(task: Any, payload: Any) -> Delivery:
    """The payload as JSON to the address of the webhook."""
    return Delivery(task.url.get_secret_value(), payload)
