"""A client of the HTTP API on the standard library: requests, multipart forms and server-sent events.

Every expected failure is a CommandError that says what to do, except refusals, which a command can explain itself.
"""

from __future__ import annotations

import base64
import json
import secrets
import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from http.client import (
    BadStatusLine,
    HTTPConnection,
    HTTPException,
    HTTPResponse,
    HTTPSConnection,
    RemoteDisconnected,
)
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from toccata.cli.errors import MISUSED, CommandError
from toccata.cli.target.value import Target, Unknown, require

API = "/api/v1/main"
Query = Sequence[tuple[str, str]]
_SECONDS = 60.0
_SILENCE_SECONDS = 40.0
"""A stream pings more often than this. Longer silence means a lost connection."""


class Refusal(CommandError):
    """The server refused the request."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        detail = str(
            problem.get("detail") or problem.get("message") or _WORDS.get(status, f"HTTP status {status}")
        )
        super().__init__(detail.strip(), _ADVICE.get(status, ""))
        self.status = status
        self.errors: list[dict[str, Any]] = [e for e in problem.get("errors", []) if isinstance(e, dict)]


class ServerAway(CommandError):
    """The server does not answer, or the connection broke."""


_WORDS = {401: "The sign-in was refused.", 404: "Not found."}
_ADVICE = {
    401: "Give --user and --password, or set TOCCATA_AUTH_USERNAME and TOCCATA_AUTH_PASSWORD: the sign-in of this system."
    " A token (--token, TOCCATA_TOKEN) may have expired, or was revoked.",
    429: "The projection is behind: wait a moment and try again. `toccata doctor` shows the lag.",
    500: "The server has an internal error. Its log has the details.",
    503: "Kafka or the database cannot be reached: try again, and see `toccata doctor`.",
}


def segment(text: str) -> str:
    """Encode one part of a path."""
    return quote(text, safe="")


@dataclass(frozen=True, slots=True)
class Body:
    content: bytes
    kind: str
    headers: Mapping[str, str] = field(default_factory=dict)
    """Further headers of the request."""


def yaml_body(source: str) -> Body:
    return Body(source.encode(), "application/x-yaml")


def form_body(fields: Sequence[tuple[str, str]]) -> Body | None:
    """A form of text parts. None if there are none."""
    if not fields:
        return None
    boundary = secrets.token_hex(16)
    parts = []
    for name, value in fields:
        quoted = name.replace("\\", "\\\\").replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
        parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="{quoted}"\r\n\r\n{value}\r\n')
    return Body(
        "".join([*parts, f"--{boundary}--\r\n"]).encode(), f"multipart/form-data; boundary={boundary}"
    )


def file_body(name: str, file_name: str, content: bytes) -> Body:
    """A form with one file."""
    boundary = secrets.token_hex(16)
    quoted = file_name.replace("\\", "\\\\").replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{quoted}"\r\n\r\n'
    return Body(
        head.encode() + content + f"\r\n--{boundary}--\r\n".encode(),
        f"multipart/form-data; boundary={boundary}",
    )


def json_body(value: Any) -> Body:
    return Body(json.dumps(value).encode(), "application/json")


@dataclass(frozen=True, slots=True)
class SignIn:
    """What is sent with each request. Empty: nothing, and ``why`` says so if the server asks."""

    authorization: str = field(default="", repr=False)
    why: Unknown | None = None


def basic(username: str, password: str) -> SignIn:
    return SignIn("Basic " + base64.b64encode(f"{username}:{password}".encode()).decode())


def api_of(target: Target) -> Api:
    """Raises CommandError if the address of web is not known, or if the known sign-in belongs to another system."""
    return Api(require(target.url), _sign_in(target))


def _sign_in(target: Target) -> SignIn:
    if target.token is not None:
        return SignIn(f"Bearer {target.token.text}")
    if target.environment_applies and isinstance(target.password, Unknown):
        return SignIn(why=target.password)
    return basic(require(target.username), require(target.password))


class Api:
    """Opens a connection for each request, because commands make only a few."""

    def __init__(self, url: str, sign_in: SignIn) -> None:
        self.url = url.rstrip("/")
        self._sign_in = sign_in

    def get(self, path: str, query: Query = ()) -> Any:
        return self.ask("GET", path, query)

    def ask(self, method: str, path: str, query: Query = (), body: Body | None = None) -> Any:
        """The answer's JSON. Raises Refusal and ServerAway. Paths are relative to the API's root."""
        content = self._content(method, path, query, body, "application/json")
        return self._decoded(content) if content else None

    def download(self, path: str, query: Query = ()) -> bytes:
        """The bytes of a file."""
        return self._content("GET", path, query, None, "application/octet-stream")

    def _content(self, method: str, path: str, query: Query, body: Body | None, accept: str) -> bytes:
        target = API + path + (f"?{urlencode(query)}" if query else "")
        with closing(self._connection(_SECONDS)) as connection:
            response = self._answer(connection, method, target, body, accept)
            try:
                return response.read()
            except (OSError, HTTPException) as error:
                raise self._away(error) from error

    def pages(self, path: str, query: Query, most: int) -> Iterator[Any]:
        """The items of a search, page after page."""
        page, given = 1, 0
        while given < most:
            size = min(most, 1000)
            found = self.get(path, [*query, ("page", str(page)), ("size", str(size))])
            results = found["results"][: most - given]
            yield from results
            given, page = given + len(results), page + 1
            if not results or given >= found["total"]:
                return

    def events(self, path: str) -> Iterator[tuple[str, Any]]:
        """Name and data of each server-sent event, until the server ends the stream. Pings come as ("ping", None)."""
        with closing(self._connection(_SILENCE_SECONDS)) as connection:
            response = self._answer(connection, "GET", API + path, None, "text/event-stream")
            name = ""
            try:
                for raw in response:
                    field, _, value = raw.decode().rstrip("\r\n").partition(":")
                    if field == "id":
                        name = value.strip()
                    elif field == "data":
                        yield name, json.loads(value)
                    elif not field and value:
                        yield "ping", None
            except (OSError, HTTPException) as error:
                raise self._away(error) from error

    def _answer(
        self, connection: HTTPConnection, method: str, target: str, body: Body | None, accept: str
    ) -> HTTPResponse:
        headers = {"Accept": accept}
        if self._sign_in.authorization:
            headers["Authorization"] = self._sign_in.authorization
        if body is not None:
            headers |= {"Content-Type": body.kind, **body.headers}
        try:
            connection.request(method, target, body.content if body is not None else None, headers)
            response = connection.getresponse()
            if response.status < 400:
                return response
            content = response.read()
        except (OSError, HTTPException) as error:
            raise self._away(error) from error
        try:
            problem = json.loads(content)
        except ValueError:
            problem = {}
        if response.status == 401 and self._sign_in.why is not None:
            raise CommandError(self._sign_in.why.reason, self._sign_in.why.advice)
        raise Refusal(response.status, problem if isinstance(problem, dict) else {})

    def _decoded(self, content: bytes) -> Any:
        try:
            return json.loads(content)
        except ValueError:
            raise CommandError(
                f"{self.url} does not answer as Toccata does.",
                "Set TOCCATA_URL or --url to the address of Toccata's web service.",
            ) from None

    def _connection(self, seconds: float) -> HTTPConnection:
        address = urlsplit(self.url)
        try:
            host, port = address.hostname, address.port
        except ValueError:
            host, port = None, None
        if address.scheme not in {"http", "https"} or not host:
            raise CommandError(
                f"{self.url} is not the address of a web service.",
                "Set TOCCATA_URL or --url to http://host:port.",
                MISUSED,
            )
        if address.username is not None:
            raise CommandError(
                "The address of web holds a sign-in.", "Take it out, and give --user and --password.", MISUSED
            )
        if address.scheme == "https":
            return HTTPSConnection(host, port, timeout=seconds, context=ssl.create_default_context())
        return HTTPConnection(host, port, timeout=seconds)

    def _away(self, error: Exception) -> ServerAway:
        reason, advice = _why_away(error)
        return ServerAway(f"Toccata cannot be reached at {self.url}: {reason}.", advice)


def _why_away(error: Exception) -> tuple[str, str]:
    """The reason in words, and what to do."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"its certificate is not trusted ({error.verify_message})",
            "If it is your own authority's, name that authority's file in SSL_CERT_FILE.",
        )
    if isinstance(error, ssl.SSLError):
        return "it does not speak TLS", "Use http:// in the address, or the port that speaks https."
    if isinstance(error, BadStatusLine | RemoteDisconnected):
        return (
            "it closed the connection without an HTTP answer",
            "If it speaks TLS, use https:// in the address; else look at the log of web.",
        )
    if isinstance(error, socket.gaierror):
        return "that name is not known", "Check the host in TOCCATA_URL, or --url."
    if isinstance(error, TimeoutError):
        return "it does not answer in time", "See `toccata doctor`, and the log of web."
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return reason, "Start it with `toccata standalone`, or set TOCCATA_URL, or --url, to where its web runs."
