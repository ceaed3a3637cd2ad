"""The packages that ship, as the lock files have them."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

from docs.supply.licence import licence_of

ROOT = Path(__file__).parents[2]
_REQUIREMENT = re.compile(
    r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)([^\n]*)\n((?:    --hash=.*\n?)*)", re.MULTILINE
)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]+)")


@dataclass(frozen=True, slots=True)
class Part:
    kind: str
    """``pypi`` or ``npm``."""
    name: str
    version: str
    licence: str
    """An SPDX expression. Empty if unknown."""
    sha256: tuple[str, ...] = ()
    sha512: str = ""


def python_parts(lock: str) -> list[Part]:
    """Packages for other systems only are left out, because their metadata is not installed here."""
    found = []
    for name, version, marker, hashes in _REQUIREMENT.findall(lock):
        try:
            licence = licence_of(name, metadata(name))  # type: ignore[arg-type]  # a Message in all but name
        except PackageNotFoundError:
            if "sys_platform" not in marker and "platform_system" not in marker:
                raise
            continue
        found.append(Part("pypi", name, version, licence, tuple(_HASH.findall(hashes))))
    return found


def npm_parts(lock: str) -> list[Part]:
    """Everything that builds the page. Less than that is in the page."""
    found = []
    for path, entry in json.loads(lock)["packages"].items():
        if path:
            name = path.rpartition("node_modules/")[2]
            digest = entry["integrity"].removeprefix("sha512-")
            sha512 = base64.b64decode(digest).hex()
            found.append(Part("npm", name, entry["version"], entry.get("license", ""), sha512=sha512))
    return found


def parts() -> list[Part]:
    return [
        *python_parts((ROOT / "requirements" / "run.txt").read_text()),
        *npm_parts((ROOT / "ui" / "package-lock.json").read_text()),
    ]
