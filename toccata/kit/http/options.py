"""The ``options`` of everything that speaks HTTP, as flows write them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from contracts.language.flow.retry import TaggedRetry
from contracts.language.types.property import Duration, Properties, static, upper
from contracts.language.types.secret import Secret

_IDLE = timedelta(minutes=5)
_CONNECT = timedelta(seconds=30)
LogPart = Literal["REQUEST_HEADERS", "REQUEST_BODY", "RESPONSE_HEADERS", "RESPONSE_BODY"]
_OLD_READING = "a value of the library that Kestra used to have"


class Timeouts(Properties):
    connect_timeout: Duration = static(_CONNECT, doc="how long to wait for a connection")
    read_idle_timeout: Duration = static(_IDLE, doc="how long to wait for the next bytes of an answer")


class Auth(Properties):
    """Signs in to the server."""

    type: Annotated[Literal["BASIC", "BEARER", "DIGEST"], BeforeValidator(upper)] = static(
        doc="how to sign in"
    )
    username: str | None = static(None, doc="for BASIC and DIGEST")
    password: Secret | None = static(None, doc="for BASIC and DIGEST")
    token: Secret | None = static(None, doc="for BEARER")

    @model_validator(mode="after")
    def _complete(self) -> Auth:
        if self.type == "BEARER" and self.token is None:
            raise ValueError("`token` is needed for BEARER")
        if self.type != "BEARER" and (self.username is None or self.password is None):
            raise ValueError(f"`username` and `password` are needed for {self.type}")
        return self


class Proxy(Properties):
    """The proxy through which requests go."""

    type: Annotated[Literal["DIRECT", "HTTP", "SOCKS"], BeforeValidator(upper)] = static(
        "DIRECT", doc="the kind; DIRECT is no proxy"
    )
    address: str | None = static(None, doc="host name or address")
    port: int | None = static(None, doc="its port", ge=1, le=65_535)
    username: str | None = static(None, doc="its user")
    password: Secret | None = static(None, doc="its password")

    @model_validator(mode="after")
    def _complete(self) -> Proxy:
        if self.type != "DIRECT" and (not self.address or self.port is None):
            raise ValueError("`address` and `port` of the proxy are needed")
        return self


class Ssl(Properties):
    insecure_trust_all_certificates: bool = static(
        default=False,
        doc="true: any certificate is accepted, so anybody on the way can read and change everything",
    )


_OLD_PLACES: Mapping[str, tuple[str, str]] = {
    "connectTimeout": ("timeout", "connectTimeout"),
    "readTimeout": ("timeout", "readIdleTimeout"),
    "proxyType": ("proxy", "type"),
    "proxyAddress": ("proxy", "address"),
    "proxyPort": ("proxy", "port"),
    "proxyUsername": ("proxy", "username"),
    "proxyPassword": ("proxy", "password"),
    "basicAuthUser": ("auth", "username"),
    "basicAuthPassword": ("auth", "password"),
}
_NO_PLACE = ("readIdleTimeout", "connectionPoolIdleTimeout", "maxContentLength", "logLevel")
"""Old names that Kestra accepts and ignores."""


class HttpOptions(Properties):
    """How requests are sent."""

    timeout: Timeouts = static(Timeouts(), doc="limits of time")
    proxy: Proxy = static(Proxy(), doc="the proxy")
    auth: Auth | None = static(None, doc="signs in")
    ssl: Ssl = static(Ssl(), doc="TLS")
    follow_redirects: bool = static(default=True, doc="false: a redirect is the answer")
    allow_failed: bool = static(default=False, doc="true: an answer of 400 and more is no failure")
    allowed_response_codes: list[int] = static(
        [], doc="only these answers are no failure; default: all below 400"
    )
    default_charset: str = static("UTF-8", doc="how texts are encoded")
    retry: TaggedRetry | None = static(
        None,
        doc="repeats a request that got no answer, or one of `retryOnStatusCodes`; `maxAttempts` or `maxDuration` ends it",
    )
    retry_on_status_codes: list[int] = static([], doc="answers after which `retry` repeats the request")
    logs: list[Annotated[LogPart, BeforeValidator(upper)]] = static([], doc="what of each request is logged")
    headers: dict[str, str] = static({}, doc="further headers")
    max_content_length: Any = Field(default=None, exclude=True, description=_OLD_READING)
    read_idle_timeout: Any = Field(default=None, exclude=True, description=_OLD_READING)
    connection_pool_idle_timeout: Any = Field(default=None, exclude=True, description=_OLD_READING)
    log_level: Any = Field(default=None, exclude=True, description=_OLD_READING)

    @model_validator(mode="before")
    @classmethod
    def _old_names(cls, value: object) -> object:
        if not isinstance(value, Mapping):
            return value
        moved: dict[str, Any] = {key: each for key, each in value.items() if key not in _OLD_PLACES}
        for old, (group, name) in _OLD_PLACES.items():
            if value.get(old) is None:
                continue
            inner = moved.get(group)
            if isinstance(inner, Mapping) or inner is None:
                start = {"type": "BASIC"} if group == "auth" and inner is None else {}
                moved[group] = {**start, name: value[old], **(inner or {})}
        return moved

    @model_validator(mode="after")
    def _ends(self) -> HttpOptions:
        if self.retry is not None and self.retry.max_attempts is None and self.retry.max_duration is None:
            raise ValueError(
                "`retry` needs `maxAttempts` or `maxDuration`: a request is not repeated for ever"
            )
        if self.retry_on_status_codes and self.retry is None:
            raise ValueError("`retryOnStatusCodes` needs `retry`")
        try:
            "".encode(self.default_charset)
        except LookupError:
            raise ValueError(f"`defaultCharset`: nobody knows `{self.default_charset}`") from None
        return self


NO_OPTIONS = HttpOptions()
