"""Flows of a server, over its API."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from toccata.plugin import Auth, Http, HttpFailed, HttpOptions, HttpRequest, RunContext, TaskFailed
from toccata.plugins.families.git.types import ServerAuth

_DEFAULT = "http://localhost:8080"
_YAML = "application/x-yaml"
_PAGE = 100


@dataclass(frozen=True, slots=True)
class Flow:
    namespace: str
    id: str
    revision: int
    source: str = ""


class Server:
    def __init__(self, http: Http, url: str) -> None:
        self._http = http
        self._flows = f"{url.rstrip('/')}/api/v1/main/flows"

    async def flows(self, namespace: str, *, below: bool) -> list[Flow]:
        """Those of the namespace, with their sources. ``below``: also those of namespaces below it."""
        if not below:
            listed = await self._json("GET", quote(namespace, safe=""))
        else:
            listed = [each async for each in self._searched(namespace)]
        return [await self.flow(each["namespace"], each["id"]) for each in listed]

    async def _searched(self, namespace: str) -> AsyncIterator[Any]:
        page = 1
        while True:
            answer = await self._json("GET", "search", {"namespace": namespace, "size": _PAGE, "page": page})
            for each in answer["results"]:
                if each["namespace"] == namespace or each["namespace"].startswith(namespace + "."):
                    yield each
            if page * _PAGE >= answer["total"]:
                return
            page += 1

    async def flow(self, namespace: str, flow_id: str) -> Flow:
        answer = await self._json("GET", _path(namespace, flow_id), {"source": "true"})
        return _flow(answer)

    async def save(self, source: str, known: Flow | None) -> Flow:
        """Raise TaskFailed with the server's reasons if it is refused."""
        if known is None:
            return _flow(await self._json("POST", "", body=source))
        return _flow(await self._json("PUT", _path(known.namespace, known.id), body=source))

    async def problem(self, source: str) -> str | None:
        """Why the server would refuse it."""
        (answer,) = await self._json("POST", "validate", body=source)
        problem: str | None = answer.get("constraints")
        return problem

    async def delete(self, flow: Flow) -> None:
        await self._json("DELETE", _path(flow.namespace, flow.id))

    async def _json(
        self, method: str, path: str, params: dict[str, Any] | None = None, body: str | None = None
    ) -> Any:
        request = HttpRequest(
            method,
            f"{self._flows}/{path}".rstrip("/"),
            params=params or {},
            body=None if body is None else body.encode(),
            content_type=None if body is None else _YAML,
        )
        try:
            async with self._http.send(request) as answer:
                return None if answer.status == 204 else await answer.json()
        except HttpFailed as error:
            if error.status in {401, 403}:
                raise TaskFailed(
                    f"the server does not let this task in ({error.status}): `auth` needs `username` and `password`, or `apiToken`"
                ) from None
            raise


def _path(namespace: str, flow_id: str) -> str:
    return f"{quote(namespace, safe='')}/{quote(flow_id, safe='')}"


def _flow(answer: Any) -> Flow:
    return Flow(answer["namespace"], answer["id"], answer["revision"], answer.get("source") or "")


@asynccontextmanager
async def server(run: RunContext, url: str | None, auth: ServerAuth | None) -> AsyncIterator[Server]:
    async with run.http(HttpOptions(auth=_auth(auth))) as http:
        yield Server(http, url or run.public_url or _DEFAULT)


def _auth(auth: ServerAuth | None) -> Auth | None:
    if auth is None:
        return None
    if auth.api_token is not None:
        return Auth(type="BEARER", token=auth.api_token)
    if auth.username is None and auth.password is None:
        return None
    if auth.username is None or auth.password is None:
        raise TaskFailed("auth: `username` and `password` belong together")
    return Auth(type="BASIC", username=auth.username, password=auth.password)
