"""``core.trigger.Webhook``: an execution for every HTTP request that knows the key. Served by web."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel

from contracts.language.types.declaration import TriggerType
from contracts.language.types.property import Properties, dynamic, static


class Webhook(Properties):
    """Starts an execution for each request to ``/api/v1/executions/webhook/{namespace}/{flowId}/{key}``."""

    key: str = dynamic(doc="the secret part of the address", min_length=1, max_length=256)
    wait: bool = static(False, doc="answer when the execution has ended")
    return_outputs: bool = static(False, doc="with `wait`: answer with the outputs of the flow")
    response_content_type: Literal["application/json", "text/plain"] = static("application/json")
    response_code: int | None = static(None, doc="status of the answer", ge=200, le=599)
    fetch_type: Literal["FETCH", "STORE", "NONE"] = static(
        "FETCH", doc="STORE puts the body into internal storage"
    )


class WebhookOutputs(BaseModel):
    body: Any = None
    """JSON as value, else text."""
    headers: dict[str, list[str]]
    parameters: dict[str, list[str]]


WEBHOOK = TriggerType(
    name="io.kestra.plugin.core.trigger.Webhook",
    title="Start executions by HTTP request",
    properties=Webhook,
    aliases=("io.kestra.core.models.triggers.types.Webhook",),
    outputs=WebhookOutputs,
    examples=(
        """id: from_shop
type: io.kestra.plugin.core.trigger.Webhook
key: 4wjtkzwVGBM9yKnjm3yv8r
inputs:
  order: "{{ trigger.body.order }}\"""",
    ),
    started_by="engine",
)
