"""Images: whether the engine has one, and how it gets it from a registry."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from toccata.plugin import NotJson, RunContext, TaskFailed, read_json, write_json
from toccata.plugins.families.scripts.docker import ContainerOptions, Credentials, EngineAccess
from toccata.plugins.families.scripts.run.docker.engine import Engine, EngineRefused

CENTRAL = "https://index.docker.io/v1/"
"""The name of the central registry in configurations of clients."""
PULLS = 5
FIRST_WAIT_SECONDS = 5.0
MOST_WAIT_SECONDS = 120.0
_FINAL = ("not found", "manifest unknown", "denied", "unauthorized", "no basic auth", "does not exist")
_LONGEST_LINE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Image:
    name: str
    """Without tag and digest, as the engine takes it."""
    tag: str
    """Or the digest."""
    registry: str


def image_of(text: str) -> Image:
    """Read ``registry:port/name:tag`` or ``name@sha256:…``."""
    name, _, digest = text.partition("@")
    head, slash, last = name.rpartition("/")
    bare, _, tag = last.partition(":")
    first = name.split("/")[0]
    has_registry = slash and ("." in first or ":" in first or first == "localhost")
    return Image(f"{head}{slash}{bare}", digest or tag or "latest", first if has_registry else CENTRAL)


async def have_image(engine: Engine, text: str, options: ContainerOptions, run: RunContext) -> None:
    """Pull it as the policy says."""
    if options.pull_policy == "NEVER" or (
        options.pull_policy == "IF_NOT_PRESENT" and await _is_present(engine, text)
    ):
        return
    await pull_image(engine, text, options, run)


async def pull_image(engine: Engine, text: str, access: EngineAccess, run: RunContext) -> None:
    """Pull it. A registry that fails is asked again a few times. Raises TaskFailed."""
    image = image_of(text)
    headers = sign_in_headers(access, image)
    wait = FIRST_WAIT_SECONDS
    run.log("INFO", f"Pulling image {text}")
    for number in range(1, PULLS + 1):
        try:
            await _pull(engine, image, headers)
        except EngineRefused as refused:
            if number == PULLS or not _may_pass(refused):
                raise TaskFailed(f"image {text} cannot be pulled: {refused.message}") from None
            run.log(
                "WARN", f"Image {text} could not be pulled, trying again in {wait:.0f} s: {refused.message}"
            )
        else:
            return
        await asyncio.sleep(wait)
        wait = min(wait * 2, MOST_WAIT_SECONDS)


async def _is_present(engine: Engine, text: str) -> bool:
    try:
        await engine.ask("GET", f"/images/{text}/json")
    except EngineRefused as refused:
        if refused.status == 404:
            return False
        raise
    return True


async def _pull(engine: Engine, image: Image, headers: Mapping[str, str] | None) -> None:
    params = {"fromImage": image.name, "tag": image.tag}
    async with engine.parts("POST", "/images/create", params, headers) as parts:
        async for _ in messages(parts):
            pass


async def messages(parts: AsyncIterator[bytes]) -> AsyncIterator[Mapping[str, Any]]:
    """What the engine says while it works. It answers with 200 before it knows whether that works, and says so at the end: then
    EngineRefused is raised."""
    rest = b""
    async for part in parts:
        *lines, rest = (rest + part).split(b"\n")
        for line in lines:
            yield _message(line)
        rest = rest[-_LONGEST_LINE:]
    yield _message(rest)


def _message(line: bytes) -> Mapping[str, Any]:
    try:
        said = read_json(line) if line.strip() else {}
    except NotJson:
        return {}
    if not isinstance(said, dict):
        return {}
    if said.get("error"):
        raise EngineRefused(500, str(said["error"]))
    return said


def _may_pass(refused: EngineRefused) -> bool:
    """Whether asking again can help. Engines answer with 500 also when the registry has no such image, or wants another sign-in."""
    text = refused.message.lower()
    return refused.status >= 500 and not any(final in text for final in _FINAL)


def sign_in_headers(access: EngineAccess, image: Image) -> dict[str, str]:
    """What the engine passes on to the registry."""
    signed_in = sign_in(access, image)
    return {"X-Registry-Auth": encoded(signed_in)} if signed_in else {}


def sign_in(options: EngineAccess, image: Image) -> dict[str, Any]:
    """What the registry gets: ``credentials`` if they are for it, else what ``config`` has for it, else nothing."""
    given = options.credentials
    if given is not None and (given.registry is None or _same(given.registry, image.registry)):
        return _of_credentials(given, image.registry)
    if options.config is None:
        return {}
    try:
        held = read_json(options.config.get_secret_value())
        entries = held.get("auths") or {}
    except (NotJson, AttributeError):
        raise TaskFailed("`config` is not a configuration of Docker's client: JSON with `auths`") from None
    for registry, entry in entries.items():
        if _same(registry, image.registry) and isinstance(entry, dict):
            return _of_entry(entry, image.registry)
    return {}


def _of_credentials(given: Credentials, registry: str) -> dict[str, Any]:
    secrets = {
        "password": given.password,
        "registrytoken": given.registry_token,
        "identitytoken": given.identity_token,
        "auth": given.auth,
    }
    entry: dict[str, Any] = {name: value.get_secret_value() for name, value in secrets.items() if value}
    return _of_entry({**entry, **({"username": given.username} if given.username else {})}, registry)


def _of_entry(entry: Mapping[str, Any], registry: str) -> dict[str, Any]:
    """Engines read names and passwords, and not every engine reads them in base64."""
    found = {name: value for name, value in entry.items() if name != "auth"}
    if entry.get("auth") and "username" not in found:
        try:
            username, _, password = base64.b64decode(entry["auth"], validate=True).decode().partition(":")
        except ValueError:
            raise TaskFailed("`auth` of a registry is not `user:password` in base64") from None
        found |= {"username": username, "password": password}
    return {**found, "serveraddress": registry}


def _same(one: str, other: str) -> bool:
    return _host(one) == _host(other)


def _host(registry: str) -> str:
    host = registry.removeprefix("https://").removeprefix("http://").partition("/")[0]
    return "docker.io" if host in ("index.docker.io", "registry-1.docker.io") else host


def encoded(value: Mapping[str, Any]) -> str:
    """As engines read it in headers."""
    return base64.urlsafe_b64encode(write_json(value)).decode()
