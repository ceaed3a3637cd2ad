"""The HTTP application. One gateway in front of all routes finds the resource, checks the sign-in, limits the body, and serves
webhooks without the framework."""

from __future__ import annotations

from contextlib import suppress
from importlib.resources import files

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.web.core.auth import WEBHOOKS, is_open
from services.web.core.caller import Proxies
from services.web.core.door import SAFE, Doors
from services.web.core.path import API, TENANT, Route, route_of
from services.web.core.problem import Problem, bad_request, too_large
from services.web.core.search.query import InvalidQuery
from services.web.http import (
    actions,
    assist,
    backfill,
    concurrency,
    correlated,
    deletion,
    dependency,
    evaluation,
    execute,
    executions,
    expression,
    file,
    flow_bulk,
    flow_check,
    flow_replace,
    flow_source,
    flow_write,
    flows,
    graph,
    input_type,
    instance,
    logs,
    namespace_files,
    outputs,
    plugin_packages,
    plugins,
    reference,
    replay,
    resume,
    secrets,
    sign_in,
    tokens,
    triggers,
    usage,
    values,
)
from services.web.http.answer import on_error, problem_answer, problem_of
from services.web.http.body import bounded
from services.web.http.docs import docs_router
from services.web.http.guard import Guard, header, note_address
from services.web.http.headers import SecurityHeaders
from services.web.http.parts import LEGACY, Parts
from services.web.http.ui import ui_router
from services.web.http.webhook import WebhookRoute
from services.web.metrics import RequestKind, WebMetrics
from toccata.runtime.clock import monotonic
from toccata.runtime.errors import Transient

MAX_STRANGERS_BODY = 16 * 1024
"""The largest body that a route takes without a sign-in, such as a sign-in."""
API_ROOT = f"{API}{TENANT}/"
# Routes with fixed words come before those with path variables, because the first match answers.
ROUTERS = (
    plugin_packages.router,
    secrets.router,
    usage.router,
    correlated.router,
    deletion.router,
    actions.router,
    resume.router,
    replay.router,
    evaluation.router,
    evaluation.expressions_router,
    execute.router,
    executions.router,
    file.router,
    outputs.router,
    graph.router,
    dependency.router,
    assist.router,
    flow_check.router,
    flow_source.router,
    flow_bulk.router,
    flow_write.router,
    flow_replace.router,
    flows.router,
    logs.router,
    logs.metrics_router,
    backfill.router,
    triggers.router,
    namespace_files.router,
    values.router,
    values.namespace_router,
    triggers.namespaces_router,
    instance.router,
    sign_in.router,
    tokens.router,
    expression.router,
    concurrency.router,
    input_type.router,
    plugins.router,
    reference.router,
)
_UNAUTHENTICATED = [(b"content-length", b"0"), (b"cache-control", b"no-store")]
_CHALLENGE = (b"www-authenticate", b'Basic realm="Kestra"')


def create_app(parts: Parts) -> ASGIApp:
    app = FastAPI(
        # services/web/document writes the document as a file.
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.parts = parts
    errors = (
        Problem,
        Transient,
        InvalidQuery,
        RequestValidationError,
        HTTPException,
        ClientDisconnect,
        Exception,
    )
    for error in errors:
        app.add_exception_handler(error, on_error)
    package = files("services.web")
    for router in (*ROUTERS, ui_router(package.joinpath("ui")), docs_router(package.joinpath("docs"))):
        app.include_router(router)
    return Gateway(app, parts)


class Gateway:
    def __init__(self, app: ASGIApp, parts: Parts) -> None:
        self._app = app
        self._guard = Guard(parts.access, parts.public_url)
        self._proxies = Proxies(parts.settings.trusted_proxies.split(","))
        self._doors = Doors(parts.public_url, parts.settings.host_names)
        self._security = SecurityHeaders(secure=parts.public_url.startswith("https:"))
        self._opening = parts.opening
        self._max_body = parts.settings.max_body_bytes
        self._webhooks = WebhookRoute(parts)
        self._metrics = WebMetrics(parts.page)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        route = route_of(scope["path"])
        scope["path"] = route.path
        scope[LEGACY] = route.legacy
        hook = route.path.startswith(WEBHOOKS)
        kind: RequestKind = "webhook" if hook else "api"
        began = monotonic()
        answered = False

        async def counted(message: Message) -> None:
            nonlocal answered
            if message["type"] == "http.response.start":
                answered = True
                self._metrics.answered(kind, message["status"], monotonic() - began)
                message["headers"] = self._security.with_own(message.get("headers", ()))
            await send(message)

        try:
            note_address(scope, self._proxies)
            self._enter(scope, hook=hook)
            if hook:
                await self._opening.wait()
                await self._webhooks.serve(scope, receive, counted)
                return
            admission = await self._guard.admit(scope)
            if admission.refusal == "unauthenticated":
                await self._turn_away(scope, counted)
                return
            limit = MAX_STRANGERS_BODY if is_open(route.path) else self._max_body
            await self._check(scope, route, limit)
            answering = self._guard.renewing(counted, admission.new_cookie)
            await self._app(scope, bounded(receive, limit), answering)
        except ClientDisconnect:
            return
        except Exception as error:
            if answered:
                raise
            await self._fail(scope, receive, counted, error)

    def _enter(self, scope: Scope, *, hook: bool) -> None:
        """Raises Problem for requests of others' pages, and for other hosts. A GET of a webhook has an effect, too."""
        headers = dict(scope["headers"])
        if len(headers) < len(scope["headers"]) and sum(name == b"host" for name, _ in scope["headers"]) > 1:
            raise bad_request("there is more than one header Host")
        here = scope.get("server") or ("", None)
        self._doors.check_host(headers.get(b"host"), here[0], scope["http_version"])
        if hook or scope["method"] not in SAFE:
            self._doors.check_site(headers)

    async def _check(self, scope: Scope, route: Route, limit: int) -> None:
        """Raises Problem for requests that must not reach a route."""
        if route.foreign_tenant:
            raise bad_request("Tenant must be 'main' for OSS version")
        if route.path.startswith(API_ROOT):
            await self._opening.wait()
        length = header(scope, b"content-length")
        if length.isdigit() and int(length) > limit:
            raise too_large(limit)

    async def _turn_away(self, scope: Scope, send: Send) -> None:
        # With a challenge, browsers would open their own dialog over the sign-in page.
        from_login = header(scope, b"referer").endswith("/login")
        headers = _UNAUTHENTICATED if from_login else [*_UNAUTHENTICATED, _CHALLENGE]
        await send({"type": "http.response.start", "status": 401, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    async def _fail(self, scope: Scope, receive: Receive, send: Send, error: Exception) -> None:
        query = scope["query_string"].decode("latin1")
        target = scope["path"] + (f"?{query}" if query else "")
        response = problem_answer(problem_of(error), target, header(scope, b"accept"))
        with suppress(ConnectionError):
            await response(scope, receive, send)
