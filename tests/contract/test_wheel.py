"""A wheel built from this tree contains everything that runs, when installed without the tree."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

from tests.support.system import ROOT

PACKAGES = ("contracts", "services", "toccata")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory, built_page: None) -> Path:
    """Build without a network, from a copy, because setuptools leaves a folder in the place where it builds."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in PACKAGES:
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source / name)
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check", "--quiet"]
    _run(sys.executable, "-m", "pip", "wheel", *options, "--wheel-dir", str(out), str(source))
    (made,) = out.glob("toccata-*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the command folder of an environment with the wheel. Dependencies come from the present environment."""
    home = tmp_path_factory.mktemp("installed")
    venv.create(home, with_pip=False)
    python = home / "bin" / "python"
    site = Path(_run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    _run(
        sys.executable,
        "-m",
        "pip",
        "--python",
        python,
        "install",
        "--no-deps",
        "--no-index",
        "--quiet",
        wheel,
    )
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib"))
    return home / "bin"


def test_every_file_of_the_packages_is_in_the_wheel(wheel: Path):
    there = set(zipfile.ZipFile(wheel).namelist())
    missing = {
        str(path.relative_to(ROOT))
        for name in PACKAGES
        for path in (ROOT / name).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
    } - there
    assert missing - {"services/web/ui/not-built.txt"} == set()


def test_the_page_in_the_wheel_is_complete(wheel: Path):
    with zipfile.ZipFile(wheel) as files:
        page = files.read("services/web/ui/built/index.html").decode()
        named = re.findall(r'(?:src|href)="/ui/(assets/[^"]+)"', page)
        assert {name.rpartition(".")[2] for name in named} == {"css", "js", "svg"}
        for name in named:
            assert files.getinfo(f"services/web/ui/built/{name}").file_size > 0


def test_an_installed_wheel_says_its_version(installed: Path):
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert _run(installed / "toccata", "--version").split()[-1] == version


def test_an_installed_wheel_serves_its_page_and_finds_its_sql_and_schemas(installed: Path, tmp_path: Path):
    script = """
import services.web.http.app, toccata.plugins.host.catalog
from importlib.resources import files
from services.web.ui.site import SiteFolder
SiteFolder(files("services.web").joinpath("ui")).site()
sql = files("services.web").joinpath("adapters/sql/queries.sql").read_text()
schemas = [entry.name for entry in files("contracts").joinpath("schemas").iterdir()]
assert "SELECT" in sql and schemas
print(services.web.http.app.__file__)
"""
    where = _run(installed / "python", "-c", script, cwd=tmp_path)
    assert where.startswith(str(installed.parent))


def _run(*command: str | Path, cwd: Path | None = None) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout
