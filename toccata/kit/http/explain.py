"""What went wrong with a request, in words that say what to do."""

from __future__ import annotations

from contextlib import suppress

import httpx

from toccata.kit.http.options import HttpOptions
from toccata.kit.http.port import HttpRequest


def explained(error: Exception, request: HttpRequest, options: HttpOptions) -> str:
    return f"{request.method.upper()} {shown_uri(request)}: {_cause(error, options)}"


def _cause(error: Exception, options: HttpOptions) -> str:
    text = str(error)
    match error:
        case httpx.ConnectTimeout():
            return f"no connection within {options.timeout.connect_timeout.total_seconds():g} s (options.timeout.connectTimeout)"
        case httpx.ReadTimeout():
            seconds = options.timeout.read_idle_timeout.total_seconds()
            return f"no bytes of an answer for {seconds:g} s (options.timeout.readIdleTimeout)"
        case httpx.WriteTimeout():
            return "the server takes no more bytes of the request"
        case httpx.ProxyError():
            return f"the proxy {options.proxy.address}:{options.proxy.port} refuses: {text}"
        case httpx.ConnectError():
            return _no_connection(text, options)
        case httpx.TooManyRedirects():
            return "too many redirects"
        case httpx.RemoteProtocolError():
            return f"the server broke off or does not speak HTTP: {text}"
        case httpx.InvalidURL() | UnicodeError():
            return f"this is no address: {text}"
        case httpx.DecodingError():
            return f"the answer is not packed as its header says: {text}"
        case _:
            return f"the connection broke: {text or type(error).__name__}"


def _no_connection(text: str, options: HttpOptions) -> str:
    low = text.lower()
    if "certificate" in low:
        return (
            f"its certificate is not trusted: {text}. For a private authority, set SSL_CERT_FILE for the worker; "
            "`options.ssl.insecureTrustAllCertificates: true` accepts any"
        )
    if "name or service" in low or "nodename" in low or "no address" in low or "name resolution" in low:
        return f"nobody knows this host name: {text}"
    through = (
        ""
        if options.proxy.type == "DIRECT"
        else f" through the proxy {options.proxy.address}:{options.proxy.port}"
    )
    return f"no connection{through}: {text or 'refused'}"


def shown_uri(request: HttpRequest, uri: str | None = None) -> str:
    """The address for people; ``uri`` if a redirect led elsewhere."""
    shown = uri_without_secrets(uri or request.uri)
    scheme, _, rest = shown.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}/…" if request.hidden else shown


def uri_without_secrets(uri: str) -> str:
    """Without user, password and query, which often hold keys."""
    with suppress(httpx.InvalidURL, UnicodeError):
        url = httpx.URL(uri.replace(" ", "%20"))
        return str(url.copy_with(userinfo=b"", query=None, fragment=None))
    return uri.partition("?")[0]
