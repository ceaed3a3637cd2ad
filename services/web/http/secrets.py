"""Routes of secrets: their names. Values leave no service, and secrets are set where the services run."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from services.web.core.search.filter import parse_query
from services.web.core.search.listing import Listing, anywhere, search, text
from services.web.http.answer import answer
from services.web.http.parts import parts_of, query_items
from toccata.runtime.clock import now_ms

router = APIRouter(prefix="/api/v1/main", tags=["Secrets"])
SECRETS: Listing[str] = Listing(
    "secret",
    {"q": anywhere(lambda name: name), "key": text(lambda name: name)},
    {"key": lambda name: name},
    "key",
)
_NAMESPACE = ("namespace", "filters[namespace]")


@router.get("/secrets")
@router.get("/namespaces/{namespace}/secrets")
async def names(request: Request) -> Response:
    """Secrets belong to the installation, so every namespace has all of them."""
    items = [item for item in query_items(request) if not item[0].startswith(_NAMESPACE)]
    found, total = search(SECRETS, parse_query(items, now_ms()), parts_of(request).secret_names())
    return answer({"readOnly": True, "results": [{"key": name} for name in found], "total": total})


@router.get("/namespaces/{namespace}/inherited-secrets")
async def inherited(namespace: str, request: Request) -> Response:
    return answer({namespace: parts_of(request).secret_names()})
