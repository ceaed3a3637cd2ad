"""The security headers of every answer. What an answer says of itself, such as the policy of a page, stays."""

from __future__ import annotations

from collections.abc import Iterable

Headers = list[tuple[bytes, bytes]]
"""As in ASGI."""
_ALWAYS: Headers = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
_POLICY = b"content-security-policy"
_INERT: Headers = [
    (_POLICY, b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
]
"""The policy of answers that are no page. A browser that shows one runs nothing of it."""
_STRICT_TRANSPORT = (b"strict-transport-security", b"max-age=31536000")


class SecurityHeaders:
    """``secure``: people reach web by https, so their browsers may never use http again."""

    def __init__(self, *, secure: bool) -> None:
        self.of_a_page = [*_ALWAYS, _STRICT_TRANSPORT] if secure else list(_ALWAYS)
        self.of_data = [*self.of_a_page, *_INERT]

    def with_own(self, own: Iterable[tuple[bytes, bytes]]) -> Headers:
        """Return the headers of an answer with these added."""
        for name, _ in own:
            if name == _POLICY:
                return [*own, *self.of_a_page]
        return [*own, *self.of_data]
