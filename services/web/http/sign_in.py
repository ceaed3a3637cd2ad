"""Routes that sign people in and out."""

from __future__ import annotations

import orjson
from fastapi import APIRouter, Request, Response

from services.web.core.problem import Problem, bad_request, conflict, invalid_json
from services.web.http.answer import answer
from services.web.http.body import form_of
from services.web.http.guard import SessionCookies, address_of, caller_of, claim_of_request
from services.web.http.parts import parts_of

router = APIRouter(tags=["Instance"])


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
    username, password = await _pair(request)
    access = parts_of(request).access
    begun = await access.sign_in(
        username, password, address_of(request.scope), claim_of_request(request.scope)
    )
    if begun is None:
        raise Problem(401, "unauthenticated", "Unauthorized: wrong username or password")
    signed = answer({"username": username})
    _cookies(request).begin(signed, begun)
    return signed


@router.post("/api/v1/logout")
async def logout(request: Request) -> Response:
    await parts_of(request).access.sign_out(caller_of(request), address_of(request.scope))
    gone = answer({})
    _cookies(request).end(gone)
    return gone


def _cookies(request: Request) -> SessionCookies:
    parts = parts_of(request)
    return SessionCookies(parts.public_url, parts.access.lifetimes)


async def _pair(request: Request) -> tuple[str, str]:
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
