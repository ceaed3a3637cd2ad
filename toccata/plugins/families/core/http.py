"""``core.http.*``: requests to servers."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, field_validator

from toccata.plugin import (
    NO_OPTIONS,
    HttpOptions,
    PolledProperties,
    Properties,
    TaskType,
    TriggerType,
    dynamic,
    static,
)

_RUN = "toccata.plugins.families.core.run.http"
_OPTIONS = "limits of time, sign-in, proxy, TLS, redirects, retries, and which answers are failures"


class HttpCall(Properties):
    uri: str = dynamic(doc="the address; spaces in it are encoded")
    method: str = dynamic("GET", doc="the verb")
    params: dict[str, Any] | None = dynamic(
        None, doc="query parameters, which are added to those in `uri`; a list gives one for each value"
    )
    body: str | None = dynamic(None, doc="what is sent, if there is no `formData`")
    form_data: dict[str, Any] | None = dynamic(
        None,
        doc="a form to send. With `contentType: multipart/form-data` the URI of a file becomes a file, and "
        "`{name, content}` one with that name; otherwise the form is URL-encoded",
    )
    content_type: str = dynamic("application/json", doc="content type of the body")
    headers: dict[str, str] | None = dynamic(None, doc="headers, which win over all others")
    options: HttpOptions = dynamic(NO_OPTIONS, doc=_OPTIONS)
    allow_failed: bool | None = dynamic(None, doc="old place of `options.allowFailed`")
    ssl_options: dict[str, Any] | None = dynamic(None, doc="old place of `options.ssl`")

    def sending(self) -> HttpOptions:
        """The options, with those of old places."""
        changes: dict[str, Any] = {}
        if self.allow_failed is not None:
            changes["allow_failed"] = self.allow_failed
        if self.ssl_options is not None:
            changes["ssl"] = type(self.options.ssl).model_validate(self.ssl_options)
        return self.options.model_copy(update=changes)


class Request(HttpCall):
    """Sends a request. The body of the answer is a text, also if it is JSON: read it with `json(outputs.<task>.body)`. It may have
    10 MiB; Download takes any size."""

    encrypt_body: bool = static(default=False, doc="true is refused: outputs cannot be encrypted here yet")

    @field_validator("encrypt_body")
    @classmethod
    def _unencrypted(cls, value: bool) -> bool:  # noqa: FBT001 - pydantic's signature
        if value:
            raise ValueError("outputs cannot be encrypted here yet, and the body would be readable")
        return value


class RequestOutputs(BaseModel):
    uri: str
    """Where the answer came from, after redirects."""
    code: int
    """The status."""
    headers: dict[str, list[str]]
    """Names in lower case."""
    body: str | None
    """Null if the answer has none."""


REQUEST = TaskType(
    name="io.kestra.plugin.core.http.Request",
    title="Send an HTTP request",
    properties=Request,
    run=f"{_RUN}:request",
    outputs=RequestOutputs,
    aliases=("io.kestra.plugin.fs.http.Request",),
    examples=(
        'id: products\ntype: io.kestra.plugin.core.http.Request\nuri: "https://dummyjson.com/products"',
        """\
id: create
type: io.kestra.plugin.core.http.Request
uri: https://api.example.com/orders
method: POST
body: |
  {"amount": 12}
options:
  auth:
    type: BEARER
    token: "{{ secret('API_TOKEN') }}"
  retry:
    type: constant
    interval: PT5S
    maxAttempts: 3
  retryOnStatusCodes: [503]
""",
    ),
)


class Trigger(HttpCall, PolledProperties):
    """Sends a request again and again, and starts an execution when `responseCondition` is true for the answer. An answer with any
    status is an answer."""

    response_condition: str = static(
        "{{ response.statusCode < 400 }}",
        doc="an expression over `response.statusCode`, `response.body` and `response.headers`; empty, `false`, `0` "
        "and `-0` are false",
        min_length=1,
    )
    encrypt_body: bool = static(
        default=False, doc="true is refused: variables of a trigger cannot be encrypted"
    )

    @field_validator("encrypt_body")
    @classmethod
    def _unencrypted(cls, value: bool) -> bool:  # noqa: FBT001 - pydantic's signature
        if value:
            raise ValueError("variables of a trigger cannot be encrypted, and the body would be readable")
        return value


TRIGGER = TriggerType(
    name="io.kestra.plugin.core.http.Trigger",
    title="Start executions by what a server answers",
    properties=Trigger,
    started_by="poll",
    poll=f"{_RUN}_trigger:poll",
    outputs=RequestOutputs,
    aliases=("io.kestra.plugin.fs.http.Trigger",),
    examples=(
        """\
id: price
type: io.kestra.plugin.core.http.Trigger
uri: https://fakestoreapi.com/products/1
responseCondition: "{{ json(response.body).price <= 110 }}"
interval: PT30S
stopAfter: [SUCCESS]
""",
    ),
)


class Download(HttpCall):
    """Downloads a file into internal storage, part by part, however large it is."""

    fail_on_empty_response: bool = dynamic(
        default=True, doc="false: an empty answer is stored, with a warning in the log"
    )


class DownloadOutputs(BaseModel):
    uri: str
    """The file in internal storage. It has the name that the server gives it, or the extension of the address."""
    code: int
    """The status."""
    length: int
    """Bytes."""
    headers: dict[str, list[str]]
    """Names in lower case."""


DOWNLOAD = TaskType(
    name="io.kestra.plugin.core.http.Download",
    title="Download a file over HTTP",
    properties=Download,
    run=f"{_RUN}:download",
    outputs=DownloadOutputs,
    aliases=("io.kestra.plugin.fs.http.Download",),
    examples=(
        "id: extract\ntype: io.kestra.plugin.core.http.Download\nuri: https://huggingface.co/datasets/kestra/datasets/raw/main/csv/orders.csv",
    ),
)


class SseRequest(HttpCall):
    """Reads the events that a server sends (server-sent events) until it ends, and stores them, one a line."""

    concat_jq_expression: str | None = dynamic(
        None,
        doc="a jq program for each event (`id`, `event`, `data`, `retry`, `comment`), such as `.data.choices[0].delta.content`; its results are joined",
    )
    failed_on_missing_jq: bool = dynamic(
        default=True, doc="true: the task fails at an event in which the program finds nothing"
    )


class SseRequestOutputs(BaseModel):
    uri: str
    """A file with an event a line."""
    size: int
    """How many events came."""
    events: list[dict[str, Any]] | None
    """The events, if there is no program. JSON data is read."""
    result: str | None
    """What the program found, joined."""


SSE_REQUEST = TaskType(
    name="io.kestra.plugin.core.http.SseRequest",
    title="Read server-sent events",
    properties=SseRequest,
    run=f"{_RUN}_events:run",
    outputs=SseRequestOutputs,
    examples=(
        'id: tokens\ntype: io.kestra.plugin.core.http.SseRequest\nuri: https://api.example.com/stream\nconcatJqExpression: ".data.text"',
    ),
)
