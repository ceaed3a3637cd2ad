"""The small engine of services behind an HTTP interface: where a service is, how it is signed in to, and what a type asks it.

It knows no service. A type is its properties, the calls that they make, and the outputs that the answers give.
"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic
from typing import Any, TypeAlias
from urllib.parse import quote

from pydantic import BaseModel

from toccata.plugin import (
    NO_OPTIONS,
    Http,
    HttpAnswer,
    HttpOptions,
    HttpRequest,
    NotJson,
    Outputs,
    Properties,
    RunContext,
    Secret,
    TaskFailed,
    TaskType,
    dynamic,
    given_rows,
    read_json,
    url_encoded,
    write_json,
)

OPTIONS = "how requests are sent: limits of time, proxy, TLS, retries, further headers"
MOST_BYTES = 64 * 1024 * 1024
_JSON = "application/json"
_READ_AGAIN: Mapping[str, Any] = {
    "retry": {"type": "exponential", "interval": "PT1S", "maxInterval": "PT15S", "maxAttempts": 4},
    "retryOnStatusCodes": [429, 502, 503, 504],
}
"""Reading changes nothing, so it is repeated unless the flow says otherwise. What changes something is not: it may have worked."""


class Optioned(Properties):
    options: HttpOptions = dynamic(NO_OPTIONS, doc=OPTIONS)


@dataclass(frozen=True, slots=True)
class Call:
    """One request."""

    method: str
    path: str
    """After the service's address; see :func:`at`."""
    params: Mapping[str, Any] = field(default_factory=dict)
    """Those without a value are left out."""
    body: Any = None
    """A JSON value. None: there is no body."""
    form: Mapping[str, Any] | None = None
    """A form, in place of ``body``."""
    lines: bytes | None = None
    """JSON values, each in its line, in place of ``body``."""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, list[str]]
    """Names in lower case."""
    body: Any
    """The JSON value. None: there was no body."""

    def __getitem__(self, name: str) -> Any:
        """A value of the body. Raise TaskFailed if it is missing."""
        if not isinstance(self.body, Mapping) or self.body.get(name) is None:
            shown = write_json(self.body).decode()[:300]
            raise TaskFailed(f"the service answers without `{name}`: {shown}")
        return self.body[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What the types of a service have in common."""

    prefix: str
    """Of their names, without ``io.kestra.plugin.`` and the last dot."""
    address: Callable[[Any], str]
    """Of properties."""
    sign_in: Callable[[Any, Session], Awaitable[Mapping[str, str]]]
    """The headers that sign in. Raises TaskFailed. It may call the service without them: ``signed=False``."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Of each request."""


class Session:
    """Calls of one task."""

    def __init__(self, service: Service, task: Any, run: RunContext, http: tuple[Http, Http]) -> None:
        """``http`` is for requests that only read, and for the others."""
        self.run = run
        self._service, self._task = service, task
        self._reading, self._writing = http
        self._signed_in: Mapping[str, str] | None = None

    async def call(self, call: Call, *, signed: bool = True) -> Answer:
        """Raise HttpFailed for an answer of 400 and more."""
        async with self.answer(call, signed=signed) as answer:
            content = await answer.read(MOST_BYTES)
            return Answer(answer.status, answer.headers, _value(content, answer.uri))

    @asynccontextmanager
    async def answer(self, call: Call, *, signed: bool = True) -> AsyncIterator[HttpAnswer]:
        """The answer before its body is read."""
        if signed and self._signed_in is None:
            self._signed_in = await self._service.sign_in(self._task, self)
        headers = {
            "Accept": _JSON,
            **self._service.headers,
            **(self._signed_in or {} if signed else {}),
            **call.headers,
        }
        http = self._reading if call.method in ("GET", "HEAD") else self._writing
        async with http.send(_request(self._service.address(self._task), call, headers)) as answer:
            yield answer


def _request(address: str, call: Call, headers: Mapping[str, str]) -> HttpRequest:
    uri = call.path if "://" in call.path else address.rstrip("/") + call.path
    params = known(call.params)
    if call.form is not None:
        body = url_encoded(known(call.form), "UTF-8")
        return HttpRequest(call.method, uri, headers, params, body, "application/x-www-form-urlencoded")
    if call.lines is not None:
        return HttpRequest(call.method, uri, headers, params, call.lines, "application/x-ndjson")
    if call.body is None:
        return HttpRequest(call.method, uri, headers, params)
    return HttpRequest(call.method, uri, headers, params, write_json(call.body), _JSON)


def _value(content: bytes, uri: str) -> Any:
    if not content.strip():
        return None
    try:
        return read_json(content)
    except NotJson as error:
        raise TaskFailed(f"{uri}: the answer is no JSON: {error}") from None


@asynccontextmanager
async def session(service: Service, task: Any, run: RunContext) -> AsyncIterator[Session]:
    options: HttpOptions = getattr(task, "options", NO_OPTIONS)
    async with run.http(reading(options)) as reads, run.http(options) as writes:
        yield Session(service, task, run, (reads, writes))


def reading(options: HttpOptions) -> HttpOptions:
    """Options for requests that change nothing."""
    if options.retry is not None:
        return options
    again = HttpOptions.model_validate(_READ_AGAIN)
    return options.model_copy(
        update={"retry": again.retry, "retry_on_status_codes": again.retry_on_status_codes}
    )


Do: TypeAlias = Callable[[Any, Session], Awaitable["Outputs | None"]]


def declared(  # noqa: PLR0913 - what a declaration says
    service: Service,
    name: str,
    title: str,
    properties: type[Properties],
    do: Do,
    outputs: type[BaseModel] | None,
    example: str,
    aliases: Sequence[str] = (),
) -> TaskType:
    whole = f"io.kestra.plugin.{service.prefix}.{name}"

    async def run(task: Any, run: RunContext) -> Outputs | None:
        async with session(service, task, run) as opened:
            return await do(task, opened)

    return TaskType(
        name=whole,
        title=title,
        properties=properties,
        run=run,
        outputs=outputs,
        aliases=tuple(f"io.kestra.plugin.{each}" for each in aliases),
        examples=(f"id: call\ntype: {whole}\n{example}",),
    )


def one(
    call: Callable[[Any], Call], give: Callable[[Any, Answer], Outputs | None] = lambda _task, _answer: None
) -> Do:
    """What a type does that is one call."""

    async def do(task: Any, session: Session) -> Outputs | None:
        return give(task, await session.call(call(task)))

    return do


def rows(
    pages: Callable[[Any, Session], AsyncIterator[Sequence[Any]]],
    rename: Callable[[Any, Outputs], Outputs] = lambda _task, outputs: outputs,
) -> Do:
    """What a type does that gives rows as its ``fetchType`` says."""

    async def do(task: Any, session: Session) -> Outputs | None:
        return rename(task, await given_rows(session.run, task.fetch_type, pages(task, session)))

    return do


async def until(
    ask: Callable[[], Awaitable[Any]], ended: Callable[[Any], bool], every: timedelta, most: timedelta
) -> Any:
    """Ask again and again, and return the first answer with which it has ended. Raise TaskFailed after ``most``."""
    began = monotonic()
    while not ended(found := await ask()):
        if monotonic() - began + every.total_seconds() > most.total_seconds():
            raise TaskFailed(f"it had not ended after {most.total_seconds():g} s (`maxDuration`)")
        await asyncio.sleep(every.total_seconds())
    return found


def at(template: str, *values: Any) -> str:
    """A path with values in place of ``{}``: whatever they are, they stay one part of it."""
    return template.format(*(quote(str(each), safe="") for each in values))


def known(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def secret(value: Secret | None) -> str | None:
    return value.get_secret_value() if value is not None else None


def basic(username: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{username}:{password}".encode()).decode()}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def by_token(name: str, header: str = "Authorization", scheme: str = "Bearer ") -> Any:
    """The sign-in with a secret that is a property."""

    async def sign_in(task: Any, session: Session) -> Mapping[str, str]:
        del session
        return {header: scheme + getattr(task, name).get_secret_value()}

    return sign_in
