"""The built page: every file by its address, read once, with what a browser must know of it."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources.abc import Traversable

from services.web.static import StaticFolder

NONCE = "__CSP_NONCE__"
"""Stands in the page where a fresh value belongs, see the setting `html.cspNonce` of the build."""
_INDEX = "index.html"


@dataclass(frozen=True, slots=True)
class Site:
    page: str
    assets: StaticFolder
    """By their path below ``assets/``. Read with the page: the next build takes them away."""


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
    assets = StaticFolder(built.joinpath("assets"))
    try:
        page = built.joinpath(_INDEX).read_text("utf-8")
        assets.read_all()
    except (FileNotFoundError, NotADirectoryError):
        raise SiteMissing(_reason(home)) from None
    return Site(page, assets)


def _reason(home: Traversable) -> str:
    """What the last build said when it failed; without one, that there was none."""
    try:
        return home.joinpath("not-built.txt").read_text("utf-8").strip()
    except FileNotFoundError:
        return (
            "it has not been built yet. Run: make ui (and then `pip install .` again, if it was installed so)"
        )
