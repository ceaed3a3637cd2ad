"""The API's document and its viewer, as files: the document and the page from this package, Swagger UI from a wheel."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

_OWN = {"index.html": "text/html", "start.js": "text/javascript"}
_VIEWER = {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css"}
_WHEEL = "fastapi_offline"


class ViewerMissing(Exception):
    """The wheel with Swagger UI is not installed."""


class File(NamedTuple):
    content: bytes
    media_type: str
    tag: str


@cache
def document() -> File:
    return _file(files("services.web").joinpath("openapi.json").read_bytes(), "application/json")


@cache
def viewer(name: str) -> File | None:
    """None: there is no such file. Raises ViewerMissing."""
    if name in _OWN:
        return _file(files("services.web.reference").joinpath(name).read_bytes(), _OWN[name])
    if name in _VIEWER:
        return _file((_folder() / name).read_bytes(), _VIEWER[name])
    return None


def _folder() -> Path:
    """Found without importing the package: it would import what we do not use."""
    spec = find_spec(_WHEEL)
    if spec is None or spec.origin is None:
        raise ViewerMissing(f"the wheel {_WHEEL.replace('_', '-')} is not installed")
    return Path(spec.origin).parent / "static"


def _file(content: bytes, media_type: str) -> File:
    return File(content, media_type, f'"{sha256(content).hexdigest()[:24]}"')
