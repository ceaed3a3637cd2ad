"""`toccata plugin new` writes a package that works: its test passes, and once installed it is listed, validated and run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FLOW = """id: hello
namespace: company.team
tasks:
  - id: greet
    type: acme_weather.Hello
    name: "{{ flow.id }}"
    times: 2
"""


def command(
    *arguments: str | Path, cwd: Path, plugins: Path | None = None
) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TOCCATA_")}
    if plugins is not None:
        environment["TOCCATA_PLUGIN_PATH"] = str(plugins)
    return subprocess.run(
        [sys.executable, "-m", *map(str, arguments)],
        cwd=cwd,
        env={**environment, "TOCCATA_HOME": "/nonexistent/toccata", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def install(package: Path, target: Path) -> None:
    source = target.parent / f"source-of-{target.name}"
    shutil.copytree(package, source)
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--target", str(target)]
    done = command("pip", "install", *options, source, cwd=target.parent)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("new") / "weather"
    made = command("toccata.cli", "plugin", "new", "acme-weather", "--dir", folder, cwd=folder.parent)
    assert made.returncode == 0, made.stderr
    # A `pytest` on the path may belong to a Python that has no Toccata.
    assert f"Its test: cd {folder} && {sys.executable} -m pytest" in made.stdout
    return folder


def test_its_test_passes(package: Path) -> None:
    ran = command("pytest", "-q", "-p", "no:cacheprovider", cwd=package)
    assert ran.returncode == 0, ran.stdout
    assert "2 passed" in ran.stdout


@pytest.mark.parametrize("indexed", [False, True], ids=["without an index", "with an index"])
def test_installed_it_is_listed_documented_and_validated(
    package: Path, tmp_path: Path, *, indexed: bool
) -> None:
    source = tmp_path / "weather"
    shutil.copytree(package, source)
    if indexed:
        written = command("toccata.cli", "plugin", "index", source, cwd=tmp_path)
        assert written.returncode == 0, written.stderr
        assert "acme_weather.Hello" in written.stdout
    install(source, plugins := tmp_path / "plugins")

    listed = command("toccata.cli", "plugin", "list", "-o", "json", cwd=tmp_path, plugins=plugins)
    hello = {"type": "acme_weather.Hello", "kind": "runnable", "title": "Greet somebody"}
    assert hello in json.loads(listed.stdout)
    assert listed.stderr == ""
    documented = command("toccata.cli", "plugin", "doc", "acme_weather.Hello", cwd=tmp_path, plugins=plugins)
    assert "Greets somebody, several times." in documented.stdout

    (tmp_path / "good.yaml").write_text(FLOW)
    (tmp_path / "bad.yaml").write_text(FLOW.replace("times: 2", "times: 0"))
    good = command("toccata.cli", "flow", "validate", "good.yaml", cwd=tmp_path, plugins=plugins)
    assert good.returncode == 0, good.stderr
    bad = command("toccata.cli", "flow", "validate", "bad.yaml", cwd=tmp_path, plugins=plugins)
    assert bad.returncode == 1
    assert "tasks[0].times" in bad.stdout + bad.stderr

    code = (
        "import sys; from pathlib import Path; from toccata.plugins.host.catalog import PluginCatalog;"
        f"catalog = PluginCatalog.load([Path({str(plugins)!r})]); assert catalog.documentation('acme_weather.Hello');"
        "print('acme_weather' in sys.modules)"
    )
    imported = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert imported.stdout.strip() == str(not indexed)


def test_an_index_of_another_version_is_not_believed(package: Path, tmp_path: Path) -> None:
    source = tmp_path / "weather"
    shutil.copytree(package, source)
    assert command("toccata.cli", "plugin", "index", source, cwd=tmp_path).returncode == 0
    project = source / "pyproject.toml"
    project.write_text(project.read_text().replace('version = "0.1.0"', 'version = "0.2.0"'))
    install(source, plugins := tmp_path / "plugins")

    listed = command("toccata.cli", "plugin", "list", cwd=tmp_path, plugins=plugins)

    assert "acme_weather.Hello" in listed.stdout
    said = " ".join(listed.stderr.split())
    assert "is of version 0.1.0, the package of version 0.2.0" in said
    assert "Its modules were imported instead" in said


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("1x", "is no name for a package"),
        ("class", "is no name for a package"),
        ("json", "There is a module json already"),
        ("a/b", "is no name for a package"),
    ],
)
def test_a_name_that_cannot_be_imported_is_refused(tmp_path: Path, name: str, message: str) -> None:
    refused = command("toccata.cli", "plugin", "new", name, cwd=tmp_path)
    assert refused.returncode == 2
    assert message in refused.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    refused = command("toccata.cli", "plugin", "new", "acme-weather", "--dir", tmp_path, cwd=tmp_path)
    assert refused.returncode == 2
    assert "is there already" in refused.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize(
    ("project", "message"),
    [
        (None, "cannot be read"),
        ("[project", "cannot be read"),
        ('[project]\nname = "a"\n', "has no `project.version`"),
        ('[project]\nname = "a"\nversion = "1"\n', "has no [project.entry-points"),
        (
            '[project]\nname = "a"\nversion = "1"\nentry-points."toccata.plugins".a = "no_such_package"\n',
            "there is no folder no_such_package",
        ),
    ],
)
def test_an_impossible_index_is_reported(tmp_path: Path, project: str | None, message: str) -> None:
    if project is not None:
        (tmp_path / "pyproject.toml").write_text(project)
    refused = command("toccata.cli", "plugin", "index", tmp_path, cwd=tmp_path)
    assert refused.returncode == 1
    assert message in " ".join(refused.stderr.split())
    assert "Traceback" not in refused.stderr
