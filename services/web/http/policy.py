"""The Content-Security-Policy of the page. `services/web/adr/0007-content-security-policy.md` says why it is this one."""

from __future__ import annotations

_FIXED = (
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


def content_security_policy(nonce: str | None) -> str:
    """``nonce`` admits the style elements that carry it: an editor makes them while it runs."""
    styles = "style-src 'self'" if nonce is None else f"style-src 'self' 'nonce-{nonce}'"
    return "; ".join((*_FIXED, styles))
