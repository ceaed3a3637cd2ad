"""Which headers and parameters of a webhook's request are credentials, so that no topic, row or answer gets them."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

CREDENTIALS = (
    "authorization", "proxy-authorization", "cookie", "set-cookie", "auth", "x-auth", "x-auth-key", "sig",
    "*token*", "*api-key*", "*apikey*", "*access-key*", "*accesskey*", "*secret*", "*password*", "*passwd*", "*signature*",
    "*hmac*", "*credential*",
)  # fmt: skip
"""Names in small letters, with ``-`` for ``_``; ``*`` stands for any text."""
_MOST_REMEMBERED = 2000


class Withheld:
    """``keep`` and ``drop``: names or patterns beside those above. What is in both is kept."""

    def __init__(self, keep: Iterable[str] = (), drop: Iterable[str] = ()) -> None:
        self._keep = _patterns(keep)
        self._drop = (*CREDENTIALS, *_patterns(drop))
        self._known: dict[bytes | str, str] = {}

    def header(self, name: bytes) -> str:
        """Return the name as in HTTP/1, or empty text for a credential."""
        shown = self._known.get(name)
        return self._learn(name, name.decode("latin1").title()) if shown is None else shown

    def parameter(self, name: str) -> str:
        """Return the name, or empty text for a credential."""
        shown = self._known.get(name)
        return self._learn(name, name) if shown is None else shown

    def _learn(self, name: bytes | str, shown: str) -> str:
        plain = _plain(shown)
        if _matches(plain, self._drop) and not _matches(plain, self._keep):
            shown = ""
        if len(self._known) >= _MOST_REMEMBERED:
            self._known.clear()
        self._known[name] = shown
        return shown


class NothingWithheld(Withheld):
    """For what is only looked at, and kept nowhere."""

    def __init__(self) -> None:
        super().__init__(keep=("*",))


def _patterns(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(_plain(name.strip()) for name in names if name.strip())


def _plain(name: str) -> str:
    return name.lower().replace("_", "-")


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
