"""The Content-Security-Policies. `services/web/adr/0007-content-security-policy.md` gives the reasons for the page's policy."""

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
    # No text can become markup or code in this page, even if our code has a mistake.
    "require-trusted-types-for 'script'",
    "trusted-types toccata",
)
_READING = (
    "default-src 'none'",
    "script-src 'self'",
    "worker-src 'self'",
    # The documentation's theme and Swagger UI set sizes and colours in style attributes. These pages never show a
    # user's text.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
)
READING_POLICY = "; ".join(_READING)
"""The policy of the documentation and of the API's page."""


def content_security_policy(nonce: str | None) -> str:
    """The policy of the page. ``nonce`` admits style elements that carry it. An editor creates such elements while it runs."""
    styles = "style-src 'self'" if nonce is None else f"style-src 'self' 'nonce-{nonce}'"
    return "; ".join((*_PAGE, styles))
