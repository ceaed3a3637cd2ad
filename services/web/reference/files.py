"""The files of the API's document and of its viewer. Document and page are in this package; Swagger UI comes from a wheel."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from services.web.static import StaticFile, static_file

_OWN = frozenset({"index.html", "start.js"})
_VIEWER = frozenset({"swagger-ui-bundle.js", "swagger-ui.css"})
_WHEEL = "fastapi_offline"


class ViewerMissing(Exception):
    """The wheel with Swagger UI is not installed."""


@cache
def document() -> StaticFile:
    return static_file("openapi.json", files("services.web").joinpath("openapi.json").read_bytes())


def viewer(name: str) -> StaticFile | None:
    """None if there is no such file. Raises ViewerMissing."""
    # Only existing names are cached, because callers can invent any number of others.
    return _viewer(name) if name in _OWN or name in _VIEWER else None


@cache
def _viewer(name: str) -> StaticFile:
    if name in _OWN:
        return static_file(name, files("services.web.reference").joinpath(name).read_bytes())
    return static_file(name, (_folder() / name).read_bytes())


def _folder() -> Path:
    """Find the folder without importing the package, which would import code that we do not use."""
    spec = find_spec(_WHEEL)
    if spec is None or spec.origin is None:
        raise ViewerMissing(f"the wheel {_WHEEL.replace('_', '-')} is not installed")
    return Path(spec.origin).parent / "static"
