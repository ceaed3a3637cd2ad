"""All services have one shape, and do nothing on import."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVICES = ("trigger_listener", "executor", "worker", "indexer", "web")
CORES = {"executor": ("executions", "dispatch", "limits", "registry")}
"""For the service that has several: one folder for each, instead of `core`."""


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_the_same_parts(service: str) -> None:
    folder = ROOT / "services" / service
    for part in ("README.md", "__main__.py", "settings.py", *CORES.get(service, ("core",))):
        assert (folder / part).exists(), f"services/{service}/{part}"


@pytest.mark.parametrize("service", SERVICES)
def test_its_readme_says_what_it_consumes_produces_guarantees_and_how_it_fails(service: str) -> None:
    text = (ROOT / "services" / service / "README.md").read_text().lower()
    for word in ("consumes", "produces", "guarantees", "fail"):
        assert word in text
    assert len(text.splitlines()) <= 80


def test_cores_have_no_clock_no_randomness_and_no_io() -> None:
    banned = {"asyncio", "logging", "time", "random", "os", "socket", "aiokafka", "asyncpg", "structlog"}
    found = []
    cores = [
        path
        for service in SERVICES
        for core in CORES.get(service, ("core",))
        for path in (ROOT / "services" / service / core).rglob("*.py")
    ]
    for path in [*cores, *(ROOT / "contracts").rglob("*.py")]:
        if path.name == "generate.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            found += [
                (path.relative_to(ROOT).as_posix(), name) for name in names if name.split(".")[0] in banned
            ]
    assert [f for f in found if f != ("contracts/language/expression/frame.py", "random")] == []


def test_importing_declarations_of_plugins_imports_nothing_heavy() -> None:
    code = "import sys, toccata.plugins.host.catalog as c; c.PluginCatalog.load(); print(*sorted(m.split('.')[0] for m in sys.modules))"
    modules = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout.split()
    assert not {"aiokafka", "asyncpg", "obstore", "fastapi", "uvicorn"} & set(modules)
