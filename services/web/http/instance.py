"""Routes of the instance: configuration, health and metrics."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.responses import PlainTextResponse, RedirectResponse

from services.web.http.answer import answer
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
