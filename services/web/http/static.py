"""Turns static files into answers with tag and policy, and without content if the browser has it."""

from __future__ import annotations

from fastapi import Request, Response

from services.web.static import StaticFile

ASK_AGAIN = "no-cache"
FOR_EVER = "public, max-age=31536000, immutable"
"""For files whose names contain a digest of the content, so that they never change."""


def page_headers(policy: str, cache: str = ASK_AGAIN) -> dict[str, str]:
    """Its own headers. The gateway adds those that every answer has."""
    return {"Cache-Control": cache, "Content-Security-Policy": policy}


def static_answer(found: StaticFile, request: Request, policy: str, cache: str = ASK_AGAIN) -> Response:
    headers = {**page_headers(policy, cache), "ETag": found.tag}
    if request.headers.get("if-none-match") == found.tag:
        return Response(status_code=304, headers=headers)
    return Response(found.content, media_type=found.media_type, headers=headers)
