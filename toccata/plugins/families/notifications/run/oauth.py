"""OAuth 1.0a, which X asks for if a user has no bearer token: HMAC-SHA1 over the request's head."""

from __future__ import annotations

import hmac
import secrets
import time
from base64 import b64encode
from urllib.parse import parse_qsl, quote, urlsplit


def signed(
    method: str,
    url: str,
    keys: tuple[str, str],
    private: tuple[str, str],
    once: tuple[str, int] | None = None,
) -> str:
    """The header ``Authorization``. ``keys``: of application and user; ``private``: their secrets. ``once``: nonce and time."""
    nonce, at = once or (secrets.token_hex(16), int(time.time()))
    parts = urlsplit(url)
    fields = {
        "oauth_consumer_key": keys[0],
        "oauth_nonce": nonce,
        "oauth_signature_method": "HMAC-SHA1",
        "oauth_timestamp": str(at),
        "oauth_token": keys[1],
        "oauth_version": "1.0",
    }
    pairs = sorted((_encoded(k), _encoded(v)) for k, v in [*fields.items(), *parse_qsl(parts.query, True)])
    text = "&".join(f"{name}={value}" for name, value in pairs)
    plain = f"{parts.scheme}://{parts.netloc}{parts.path}"
    base = "&".join((method.upper(), _encoded(plain), _encoded(text)))
    key = "&".join(_encoded(each) for each in private)
    fields["oauth_signature"] = b64encode(hmac.digest(key.encode(), base.encode(), "sha1")).decode()
    return "OAuth " + ", ".join(f'{name}="{_encoded(value)}"' for name, value in sorted(fields.items()))


def _encoded(text: str) -> str:
    return quote(text, safe="~")
