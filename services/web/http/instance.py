"""Routes of the instance: configuration, sign-in, health and metrics."""

from __future__ import annotations

from base64 import b64encode
from secrets import token_urlsafe

import orjson
from fastapi import APIRouter, Request, Response
from starlette.responses import PlainTextResponse, RedirectResponse

from services.web.core.auth import AUTH_COOKIE, CSRF_COOKIE, MARK_COOKIE
from services.web.core.problem import Problem, bad_request, conflict, invalid_json
from services.web.http.answer import answer
from services.web.http.body import form_of
from services.web.http.parts import parts_of
from services.web.http.plugins import plugins_hash
from toccata.runtime.health import health_page
from toccata.runtime.metrics import PAGE_TYPE

router = APIRouter(tags=["Instance"])


@router.get("/ping", include_in_schema=False)
async def ping() -> Response:
    return PlainTextResponse("pong")


@router.get("/", include_in_schema=False)
async def root() -> Response:
    return RedirectResponse("/ui/", 307)


@router.get("/health")
@router.get("/health/ready", include_in_schema=False)
@router.get("/health/readiness", include_in_schema=False)
async def health(request: Request) -> Response:
    status, body = health_page(await parts_of(request).health.report())
    return answer(body, status)


@router.get("/health/live", include_in_schema=False)
@router.get("/health/liveness", include_in_schema=False)
async def live() -> Response:
    return answer({"status": "UP"})


@router.get("/prometheus")
async def prometheus(request: Request) -> Response:
    parts = parts_of(request)
    return Response(await parts.page.render(await parts.health.report()), media_type=PAGE_TYPE)


@router.get("/api/v1/configs")
async def configs(request: Request) -> Response:
    parts = parts_of(request)
    return answer(
        {
            "uuid": parts.instance_id,
            "version": parts.settings.reported_version,
            "edition": "OSS",
            "chartDefaultDuration": "PT24H",
            "flowTemplate": "",
            "isCustomDashboardsEnabled": False,
            "isAnonymousUsageEnabled": False,
            "isUiAnonymousUsageEnabled": False,
            "isTemplateEnabled": False,
            "url": parts.public_url + "/",
            "preview": {"initial": 100, "max": 5000},
            "systemNamespace": "system",
            "hiddenLabelsPrefixes": ["system.", "internal."],
            "isAiEnabled": False,
            "isAiApiKeyConfigured": False,
            "isBasicAuthInitialized": True,
            "pluginsHash": plugins_hash(parts.catalog),
            "isConcurrencyViewEnabled": False,
        }
    )


@router.get("/api/v1/configs/login")
async def configs_login() -> Response:
    return answer({"isBasicAuthInitialized": True})


@router.get("/api/v1/basicAuthValidationErrors")
async def validation_errors() -> Response:
    return answer([])  # web does not start with credentials that have errors


@router.post("/api/v1/main/basicAuth")
async def basic_auth() -> Response:
    raise conflict(
        "The credentials come from TOCCATA_AUTH_USERNAME and TOCCATA_AUTH_PASSWORD. Change them there"
    )


@router.post("/api/v1/login")
async def login(request: Request) -> Response:
    username, password = await _sign_in(request)
    parts = parts_of(request)
    if not parts.credentials.accepts(username, password):
        raise Problem(401, "unauthenticated", "Unauthorized: wrong username or password")
    signed = answer({"username": username})
    secure = parts.public_url.startswith("https:")
    token = b64encode(f"{username}:{password}".encode()).decode()
    signed.set_cookie(AUTH_COOKIE, token, httponly=True, samesite="lax", secure=secure)
    signed.set_cookie(MARK_COOKIE, "true", samesite="lax", secure=secure)
    signed.set_cookie(CSRF_COOKIE, token_urlsafe(24), samesite="lax", secure=secure)
    return signed


@router.post("/api/v1/logout")
async def logout() -> Response:
    gone = answer({})
    for cookie in (AUTH_COOKIE, MARK_COOKIE, CSRF_COOKIE):
        gone.delete_cookie(cookie)
    return gone


async def _sign_in(request: Request) -> tuple[str, str]:
    if "json" in request.headers.get("content-type", ""):
        try:
            body = orjson.loads(await request.body())
        except orjson.JSONDecodeError as error:
            raise invalid_json(str(error)) from error
        pair = (body.get("username"), body.get("password")) if isinstance(body, dict) else (None, None)
    else:
        form = await form_of(request)
        pair = (form.get("username"), form.get("password"))
    if not isinstance(pair[0], str) or not isinstance(pair[1], str):
        raise bad_request("`username` and `password` are required")
    return pair[0], pair[1]
