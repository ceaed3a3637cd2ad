"""Sends requests as options say: signs in, follows redirects, repeats, and turns what goes wrong into texts for people."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx

from contracts.json_text import NotJson, loads
from contracts.language.flow.retry import retry_delay
from toccata.kit.failure import HttpFailed, TaskFailed
from toccata.kit.http.explain import explained, shown_uri
from toccata.kit.http.guard import NotReachable
from toccata.kit.http.logs import RequestLog
from toccata.kit.http.options import Auth, HttpOptions
from toccata.kit.http.port import MOST_BYTES, USER_AGENT, HttpAnswer, HttpRequest
from toccata.kit.http.reach import Reach
from toccata.kit.http.transport import GuardedTransport

MOST_REDIRECTS = 20
_SHOWN = 2_000
"""Characters of a failed answer's body that the message shows."""
_SCHEMES = ("http", "https")


class Client:
    """``toccata.plugin.Http``."""

    def __init__(self, client: httpx.AsyncClient, options: HttpOptions, log: RequestLog) -> None:
        self._client, self._options, self._log = client, options, log

    @asynccontextmanager
    async def send(self, request: HttpRequest) -> AsyncIterator[HttpAnswer]:
        answer = await self._answered(request)
        try:
            yield Answer(
                answer, shown_uri(request, str(answer.url)), self._options.default_charset, self._log
            )
        except httpx.HTTPError as error:
            raise HttpFailed(explained(error, request, self._options)) from error
        finally:
            await answer.aclose()

    async def _answered(self, request: HttpRequest) -> httpx.Response:
        """The first answer that is no failure. Raise HttpFailed when nothing is left to try."""
        began, attempt = time.monotonic(), 0
        while True:
            attempt += 1
            delay = self._delay(attempt, time.monotonic() - began)
            try:
                answer = await self._once(request)
            except httpx.TransportError as error:
                failure = HttpFailed(explained(error, request, self._options))
                if delay is None or isinstance(error, httpx.UnsupportedProtocol):
                    raise failure from error
            else:
                again = answer.status_code in self._options.retry_on_status_codes
                if not again and self._is_allowed(answer.status_code):
                    return answer
                if delay is None or not again:
                    return await self._judged(request, answer)
                failure = HttpFailed(f"response code '{answer.status_code}'")
                await answer.aclose()
            self._log.say("WARN", f"{failure.message}; attempt {attempt}, the next one in {delay:g} s")
            await asyncio.sleep(delay)

    async def _judged(self, request: HttpRequest, answer: httpx.Response) -> httpx.Response:
        if self._is_allowed(answer.status_code):
            return answer
        failure = await _failure(answer, shown_uri(request, str(answer.url)))
        await answer.aclose()
        raise failure

    async def _once(self, request: HttpRequest) -> httpx.Response:
        try:
            sent = self._request(request)
            self._log.request(sent, request.body)
            answer = await self._client.send(sent, stream=True)
        except NotReachable as error:
            raise HttpFailed(f"{shown_uri(request)}: {error}") from None
        except (httpx.InvalidURL, httpx.TooManyRedirects, UnicodeError) as error:
            raise HttpFailed(explained(error, request, self._options)) from None
        self._log.answer(answer)
        return answer

    def _request(self, request: HttpRequest) -> httpx.Request:
        options = self._options
        headers = httpx.Headers({"User-Agent": USER_AGENT})
        headers.update(options.headers)
        if request.content_type is not None:
            headers["Content-Type"] = request.content_type
        if request.length is not None:
            headers["Content-Length"] = str(request.length)
        headers.update(dict(request.headers))
        url = httpx.URL(request.uri.replace(" ", "%20"))
        if url.scheme not in _SCHEMES or not url.host:
            raise HttpFailed(f"uri: `{request.uri}` is no address: write one as https://host/path")
        if request.params:
            url = url.copy_merge_params(_texts(request.params))
        return self._client.build_request(request.method.upper(), url, headers=headers, content=request.body)

    def _delay(self, attempt: int, elapsed_seconds: float) -> float | None:
        """Seconds to wait before the next attempt. None: there is none."""
        retry = self._options.retry
        if retry is None or (retry.max_attempts is not None and attempt >= retry.max_attempts):
            return None
        delay = retry_delay(retry, attempt, str(id(self))) / 1000
        if retry.max_duration is not None and elapsed_seconds + delay > retry.max_duration.total_seconds():
            return None
        return delay

    def _is_allowed(self, status: int) -> bool:
        options = self._options
        if options.allow_failed:
            return True
        return status in options.allowed_response_codes if options.allowed_response_codes else status < 400


async def _failure(answer: httpx.Response, uri: str) -> HttpFailed:
    shown = b""
    try:
        async for chunk in answer.aiter_bytes():
            shown += chunk
            if len(shown) > 4 * _SHOWN:
                break
    except httpx.HTTPError:
        pass  # the number of the answer says enough
    body = shown.decode("utf-8", "replace")[:_SHOWN]
    tail = f" and body:\n{body}" if body.strip() else ""
    return HttpFailed(
        f"{answer.request.method} {uri}: failed with response code '{answer.status_code}'{tail}",
        answer.status_code,
        body,
    )


def _texts(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _text(value) for name, value in params.items() if value is not None}


def _text(value: Any) -> Any:
    if isinstance(value, list):
        return [_text(each) for each in value]
    return json.dumps(value) if isinstance(value, dict) else value


class Answer:
    """``toccata.plugin.HttpAnswer``."""

    def __init__(self, response: httpx.Response, shown: str, charset: str, log: RequestLog) -> None:
        self._response, self._shown, self._charset, self._log = response, shown, charset, log
        self.uri = str(response.url)
        self.status = response.status_code
        self.headers: Mapping[str, list[str]] = {
            name.lower(): response.headers.get_list(name) for name in response.headers
        }

    @property
    def received(self) -> int:
        return self._response.num_bytes_downloaded

    def chunks(self) -> AsyncIterator[bytes]:
        return self._response.aiter_bytes()

    async def read(self, most: int = MOST_BYTES) -> bytes:
        parts, size = [], 0
        async for chunk in self.chunks():
            size += len(chunk)
            if size > most:
                raise TaskFailed(
                    f"{self._shown}: the answer has more than {most:,} bytes: io.kestra.plugin.core.http.Download takes it"
                )
            parts.append(chunk)
        body = b"".join(parts)
        self._log.body(body)
        return body

    async def text(self) -> str:
        body = await self.read()
        charset = self._response.charset_encoding or self._charset
        try:
            return body.decode(charset)
        except LookupError:
            return body.decode(self._charset, "replace")
        except UnicodeDecodeError:
            raise TaskFailed(
                f"{self._shown}: the answer is no text in {charset}: io.kestra.plugin.core.http.Download takes any bytes"
            ) from None

    async def json(self) -> Any:
        body = await self.read()
        try:
            return loads(body)
        except NotJson as error:
            shown = body[:200].decode("utf-8", "replace")
            raise TaskFailed(f"{self._shown}: the answer is no JSON: {error}: {shown}") from None


@asynccontextmanager
async def opened(
    options: HttpOptions, reach: Reach, log: Callable[[Any, str], None]
) -> AsyncIterator[Client]:
    """A client, until the end of the block. ``log`` is ``run.log``."""
    timeout = httpx.Timeout(
        options.timeout.read_idle_timeout.total_seconds(),
        connect=options.timeout.connect_timeout.total_seconds(),
    )
    transport = await asyncio.to_thread(GuardedTransport, options, reach)
    client = httpx.AsyncClient(
        transport=transport,
        auth=_auth(options.auth),
        timeout=timeout,
        follow_redirects=options.follow_redirects,
        max_redirects=MOST_REDIRECTS,
        trust_env=False,
    )
    async with client:
        yield Client(client, options, RequestLog(options, log))


class _Bearer(httpx.Auth):
    def __init__(self, token: str) -> None:
        self._value = f"Bearer {token}"

    def auth_flow(self, request: httpx.Request) -> Any:
        request.headers["Authorization"] = self._value
        yield request


def _auth(auth: Auth | None) -> httpx.Auth | None:
    if auth is None:
        return None
    if auth.type == "BEARER":
        return _Bearer(auth.token.get_secret_value() if auth.token else "")
    user, password = auth.username or "", auth.password.get_secret_value() if auth.password else ""
    return httpx.BasicAuth(user, password) if auth.type == "BASIC" else httpx.DigestAuth(user, password)
