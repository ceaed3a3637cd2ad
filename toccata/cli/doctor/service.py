"""Checks the services: those of the standalone by their health ports, and web by its API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException

from toccata.cli.api import api_of
from toccata.cli.doctor.finding import Finding
from toccata.cli.errors import CommandError
from toccata.cli.target.value import Target, Unknown
from toccata.standalone.home import RunFile

_SECONDS = 5


def services(target: Target, running: RunFile | None) -> list[Finding]:
    found = list(_by_health(target, running)) if running is not None else []
    if isinstance(target.url, Unknown):
        return found
    try:
        api = api_of(target)
        api.get("/flows/search", [("size", "1")])
    except CommandError as error:
        return [*found, Finding("web", "bad", error.message, error.advice or "Read the log of web.")]
    return [*found, Finding("api" if found else "web", "ok", f"answers at {api.url}, the sign-in is right")]


def _by_health(target: Target, running: RunFile) -> Iterator[Finding]:
    for name, url in running["health"].items():
        up, text = _health(url)
        advice = "" if up else f"Read {target.home.absolute() / 'log' / name}.log."
        yield Finding(name, "ok" if up else "bad", text, advice)


def _health(url: str) -> tuple[bool, str]:
    address = url.removeprefix("http://")
    connection = HTTPConnection(address, timeout=_SECONDS)
    try:
        connection.request("GET", "/health/ready")
        response = connection.getresponse()
        body = json.loads(response.read())
    except (OSError, HTTPException, ValueError) as error:
        return False, f"does not answer at {address}: {error}"
    finally:
        connection.close()
    down = [name for name, check in body.get("details", {}).items() if check.get("status") != "UP"]
    return response.status == 200, f"not ready: {', '.join(down)}" if down else "ready"
