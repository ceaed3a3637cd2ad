"""For which Python ``dependencies`` of a task in a container are chosen. Pure, but for the machine that it runs on."""

from __future__ import annotations

import platform
import re
import sys

_TAG = re.compile(r"(?:^|/)python:(\d+\.\d+)")
_GLIBC = ("manylinux_2_28", "manylinux_2_17", "manylinux2014")


def own_version() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def foreign(python_version: str | None, image: str, *, uses_uv: bool) -> list[str]:
    """Arguments for uv or pip that choose packages for the image. Empty: they are the same as for the worker's own Python."""
    found = _TAG.search(image)
    version = (
        ".".join(python_version.split(".")[:2]) if python_version else found[1] if found else own_version()
    )
    is_musl = "alpine" in image
    if version == own_version() and not is_musl and sys.platform == "linux":
        return []
    machine = {"arm64": "aarch64", "AMD64": "x86_64"}.get(platform.machine(), platform.machine())
    if uses_uv:
        kind = f"{machine}-unknown-linux-musl" if is_musl else f"{machine}-manylinux_2_28"
        return ["--python-version", version, "--python-platform", kind]
    kinds = ("musllinux_1_2", "musllinux_1_1") if is_musl else _GLIBC
    platforms = [f"--platform={kind}_{machine}" for kind in kinds]
    return ["--only-binary=:all:", "--implementation=cp", f"--python-version={version}", *platforms]
