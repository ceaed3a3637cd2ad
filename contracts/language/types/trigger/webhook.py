"""``core.trigger.Webhook``: an execution for every HTTP request that knows the key. Served by web."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, WithJsonSchema

from contracts.language.expression.presence import has_expression
from contracts.language.types.declaration import TriggerType
from contracts.language.types.property import Duration, Properties, dynamic, static, upper

SHORTEST_KEY = 16
"""Characters that a key should have, so that nobody guesses it. Flows with shorter ones work, and get a warning."""
LOWEST_CODE, HIGHEST_CODE = 200, 599


def _not_blank(key: str) -> str:
    if key and not key.strip():
        raise ValueError("must not be blank")
    return key


def response_code(written: object) -> object:
    """Before validation: a number in a text becomes a number. Raise ValueError for one that is no status of an answer."""
    if isinstance(written, str) and has_expression(written):
        return written
    if isinstance(written, bool) or not isinstance(written, (int, str)):
        raise ValueError(f"must be a whole number or an expression, not `{written}`")  # noqa: TRY004 - pydantic reports ValueError only
    try:
        number = int(written)
    except ValueError:
        raise ValueError(f"must be a whole number, not `{written}`") from None
    if not LOWEST_CODE <= number <= HIGHEST_CODE:
        raise ValueError(f"must be from {LOWEST_CODE} to {HIGHEST_CODE}, not {number}")
    return number


ResponseCode = Annotated[
    int | str,
    BeforeValidator(response_code),
    WithJsonSchema({"type": ["integer", "string"], "minimum": LOWEST_CODE, "maximum": HIGHEST_CODE}),
]


class Signature(Properties):
    """How the sender signs its requests. Requests without a right signature are refused."""

    scheme: Annotated[Literal["GITHUB", "STRIPE", "SLACK"], BeforeValidator(upper)] = static(
        doc="GITHUB: `X-Hub-Signature-256`; STRIPE: `Stripe-Signature`;"
        " SLACK: `X-Slack-Signature` with `X-Slack-Request-Timestamp`"
    )
    secret: str = static(
        doc="name of a secret of web, never the secret itself",
        min_length=1,
        max_length=128,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$",
    )
    tolerance: Duration = static(
        timedelta(minutes=5), doc="how old a request may be; GITHUB does not sign a time", gt=timedelta(0)
    )


class Webhook(Properties):
    """Starts an execution for each request to ``/api/v1/executions/webhook/{namespace}/{flowId}/{key}``."""

    key: Annotated[str, AfterValidator(_not_blank)] = dynamic(
        doc="the secret part of the address", min_length=1, max_length=256
    )
    wait: bool = static(False, doc="answer when the execution has ended")
    return_outputs: bool = static(False, doc="with `wait`: the answer is the outputs of the flow")
    response_content_type: Literal["application/json", "text/plain"] = static("application/json")
    response_code: ResponseCode | None = dynamic(
        None,
        doc="status of the answer; without it 200, and with `wait` 500 if the execution fails. An expression is rendered at the end of "
        "the execution, with its `outputs`; it needs `wait`",
    )
    fetch_type: Literal["FETCH", "STORE", "NONE"] = static(
        "FETCH", doc="STORE puts the body into internal storage, as `trigger.uri`; NONE ignores it"
    )
    signature: Signature | None = static(None, doc="accept only requests that the sender has signed")


class WebhookPart(BaseModel):
    """A file of a multipart body."""

    name: str
    """Of its field."""
    filename: str
    contentType: str  # noqa: N815 - as expressions write it
    size: int
    """In bytes."""
    uri: str
    """Of its content in internal storage."""


class WebhookOutputs(BaseModel):
    body: Any = None
    """JSON as value, else text, else base64."""
    uri: str | None = None
    """Of the body in internal storage, with `fetchType: STORE`."""
    parts: list[WebhookPart] | None = None
    """The files of a multipart body."""
    formFields: dict[str, list[str]] | None = None  # noqa: N815 - as expressions write it
    """The fields of a multipart body, lists of texts by name."""
    headers: dict[str, list[str]]
    """Without those that carry credentials."""
    parameters: dict[str, list[str]]
    """Without those that carry credentials."""


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
        """id: from_github
type: io.kestra.plugin.core.trigger.Webhook
key: 4wjtkzwVGBM9yKnjm3yv8r
signature:
  scheme: GITHUB
  secret: GITHUB_WEBHOOK""",
    ),
    started_by="engine",
)
