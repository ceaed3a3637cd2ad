"""Which of the worker's variables a script gets. Pure.

A list of what is allowed, because nobody can list what other programs keep in an environment: tokens of clouds, of package
registries, of this product.
"""

from __future__ import annotations

from collections.abc import Mapping

_ALLOWED = frozenset(
    {
        *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "TERM", "TMPDIR", "TZ", "LANG", "LANGUAGE"),
        *("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "ALL_PROXY", "NO_PROXY"),
        *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"),
        *("LD_LIBRARY_PATH", "XDG_CACHE_HOME"),
    }
)
_ALLOWED_BEGINNINGS = ("LC_", "PIP_", "UV_")
"""pip and uv take the registry for a task's ``dependencies`` from their variables."""
_OURS = ("TOCCATA_", "SECRET_")
"""Never given, whatever the setting says."""


def allowed(variables: Mapping[str, str], further: str) -> dict[str, str]:
    """``further`` has more names, separated by commas. One that ends with ``*`` stands for all that begin so."""
    wanted = [name.strip() for name in further.split(",") if name.strip()]
    names = {*_ALLOWED, *(name for name in wanted if not name.endswith("*"))}
    beginnings = (*_ALLOWED_BEGINNINGS, *(name[:-1] for name in wanted if name.endswith("*")))
    return {
        name: value
        for name, value in variables.items()
        if (name in names or name.upper() in _ALLOWED or name.startswith(beginnings))
        and not name.startswith(_OURS)
    }
