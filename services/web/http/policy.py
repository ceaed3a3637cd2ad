"""The Content-Security-Policies. `services/web/adr/0007-content-security-policy.md` says why the page's is this one."""

from __future__ import annotations

_PAGE = (
    "default-src 'none'",
    "script-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "object-src 'none'",
    "frame-ancestors 'none'",
    # No text can become markup or code in this page, not even by a mistake of its own.
    "require-trusted-types-for 'script'",
    "trusted-types toccata",
)
_READING = (
    "default-src 'none'",
    "script-src 'self'",
    "worker-src 'self'",
    # The documentation's theme and Swagger UI set sizes and colours in style attributes. No text of a user is ever on
    # these pages.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
)
READING_POLICY = "; ".join(_READING)
"""Of the documentation, and of the page of the API's document."""


def content_security_policy(nonce: str | None) -> str:
    """Of the page. ``nonce`` admits the style elements that carry it: an editor makes them while it runs."""
    styles = "style-src 'self'" if nonce is None else f"style-src 'self' 'nonce-{nonce}'"
    return "; ".join((*_PAGE, styles))
