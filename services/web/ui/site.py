"""The built page: every file by its address, read once, with what a browser must know of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources.abc import Traversable

NONCE = "__CSP_NONCE__"
"""Stands in the page where a fresh value belongs, see the setting `html.cspNonce` of the build."""
_INDEX = "index.html"
_TYPES = {
    "css": "text/css",
    "js": "text/javascript",
    "json": "application/json",
    "png": "image/png",
    "svg": "image/svg+xml",
    "wasm": "application/wasm",
    "woff2": "font/woff2",
}


@dataclass(frozen=True, slots=True)
class Asset:
    content: bytes
    media_type: str
    tag: str


@dataclass(frozen=True, slots=True)
class Site:
    page: str
    assets: Mapping[str, Asset]
    """By their path below ``assets/``. Only these are served, so that no address can lead elsewhere."""


class SiteMissing(Exception):
    """Says why, and what to do."""


class SiteFolder:
    """Where the site is, or will be. ``home`` is the folder of this package, or one like it."""

    def __init__(self, home: Traversable) -> None:
        self._home = home
        self._site: Site | None = None

    def site(self) -> Site:
        """Read once. While it is missing (SiteMissing) it is looked for each time, so that no restart is needed."""
        if self._site is None:
            self._site = _read(self._home)
        return self._site


def _read(home: Traversable) -> Site:
    built = home.joinpath("built")
    try:
        page = built.joinpath(_INDEX).read_text("utf-8")
        return Site(page, _assets(built.joinpath("assets"), ""))
    except (FileNotFoundError, NotADirectoryError):
        raise SiteMissing(_reason(home)) from None


def _reason(home: Traversable) -> str:
    """What the last build said when it failed; without one, that there was none."""
    try:
        return home.joinpath("not-built.txt").read_text("utf-8").strip()
    except FileNotFoundError:
        return "it has not been built yet. Run: make ui"


def _assets(folder: Traversable, prefix: str) -> dict[str, Asset]:
    found: dict[str, Asset] = {}
    for entry in folder.iterdir():
        name = prefix + entry.name
        media_type = _TYPES.get(entry.name.rpartition(".")[2])
        if entry.is_dir():
            found |= _assets(entry, f"{name}/")
        elif media_type is not None:
            content = entry.read_bytes()
            found[name] = Asset(content, media_type, f'"{sha256(content).hexdigest()[:24]}"')
    return found
