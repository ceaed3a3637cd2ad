"""The built page: every file by its address, read once, with its headers for the browser."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources.abc import Traversable

from services.web.static import StaticFolder

NONCE = "__CSP_NONCE__"
"""The placeholder in the page for a fresh nonce. The setting `html.cspNonce` of the build writes it."""
_INDEX = "index.html"


@dataclass(frozen=True, slots=True)
class Site:
    page: str
    assets: StaticFolder
    """Files by their path below ``assets/``. They are read with the page, because the next build removes them."""


class SiteMissing(Exception):
    """The message says why, and what to do."""


class SiteFolder:
    """The place of the site, which may not be built yet. ``home`` is the folder of this package, or one like it."""

    def __init__(self, home: Traversable) -> None:
        self._home = home
        self._site: Site | None = None

    def site(self) -> Site:
        """Read the site once. While it is missing (SiteMissing), every call looks again, so that no restart is needed."""
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
    """The message of the last failed build, or that there was no build."""
    try:
        return home.joinpath("not-built.txt").read_text("utf-8").strip()
    except FileNotFoundError:
        return "it has not been built yet. Run: make ui (and then `pip install .` again, if you installed with pip)"
