"""Routes that create, list and revoke API tokens."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from contracts.access import TokenCreated
from contracts.scalars import JsonObject, to_iso
from services.web.core.write.token import wanted_token
from services.web.http.answer import answer, empty
from services.web.http.body import json_object
from services.web.http.guard import address_of
from services.web.http.parts import parts_of
from toccata.runtime.clock import now_ms

router = APIRouter(prefix="/api/v1/main/x/tokens", tags=["Tokens"])


@router.get("")
async def list_tokens(request: Request) -> Response:
    found = [_page(token) for token in await parts_of(request).access.tokens()]
    return answer({"results": found, "total": len(found)})


@router.post("")
async def create_token(request: Request) -> Response:
    wanted = wanted_token(await json_object(request), now_ms())
    created = await parts_of(request).access.create_token(
        wanted.name, wanted.scope, wanted.until, address_of(request.scope)
    )
    return answer({**_page(created.record), "token": created.secret})


@router.delete("/{token_id}")
async def revoke_token(token_id: str, request: Request) -> Response:
    await parts_of(request).access.revoke_token(token_id, address_of(request.scope))
    return empty()


def _page(token: TokenCreated) -> JsonObject:
    page: JsonObject = {
        "id": token.id,
        "name": token.name,
        "user": token.user,
        "scope": token.scope,
        "created": to_iso(token.at),
        "expired": token.until is not None and token.until <= now_ms(),
    }
    return page if token.until is None else {**page, "expires": to_iso(token.until)}
