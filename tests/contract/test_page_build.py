"""The build of the page, and the message if it is impossible: `.ci/ui`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tests.support.system import ROOT

TOOLS = ("cat", "cksum", "dirname", "find", "rm", "sed", "sh", "sort", "tail", "xargs")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Make a clone in which nothing is installed or built."""
    shutil.copytree(ROOT / "ui", tmp_path / "ui", ignore=shutil.ignore_patterns("node_modules"))
    for name in (".ci/ui", "requirements/node.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "services" / "web" / "ui").mkdir(parents=True)
    return tmp_path


def build(tree: Path, python: str = sys.executable, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [str(tree / ".ci" / "ui"), "build", python]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=tree, env={**os.environ, **environment}
    )


def reason(tree: Path) -> str:
    return (tree / "services" / "web" / "ui" / "not-built.txt").read_text()


def test_without_node_and_network_one_line_says_what_to_do(tree: Path):
    tools, python = tree / "tools", tree / "venv"
    tools.mkdir()
    for name in TOOLS:
        (tools / name).symlink_to(str(shutil.which(name)))
    venv.create(python, with_pip=True)
    done = build(tree, "venv/bin/python", PATH=str(tools), PIP_NO_INDEX="1", PIP_FIND_LINKS="")
    assert done.returncode == 1
    (told,) = done.stderr.splitlines()
    assert "No matching distribution" in told
    assert "there is no Node.js 20.19 or newer here, and its wheel could not be fetched" in told
    assert "make ui" in told
    assert reason(tree).strip() in told


def test_without_network_for_npm_one_line_says_what_to_do(tree: Path, tmp_path: Path):
    offline = {"npm_config_offline": "true", "npm_config_cache": str(tmp_path / "empty")}
    done = build(tree, **offline)
    assert done.returncode == 1
    (told,) = done.stderr.splitlines()
    assert "npm could not fetch" in told
    assert "make ui" in reason(tree)


def test_without_network_for_npm_the_checks_say_in_one_line_what_is_missing(tree: Path, tmp_path: Path):
    offline = {"npm_config_offline": "true", "npm_config_cache": str(tmp_path / "empty")}
    command = [str(tree / ".ci" / "ui"), "check", sys.executable]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=tree, env={**os.environ, **offline}
    )
    assert done.returncode == 1
    (told,) = done.stderr.splitlines()
    assert told.startswith("The page's own checks cannot run: npm could not fetch what it is built with (")
    assert told.endswith("With a network, run: make check")
    assert not (tree / "services" / "web" / "ui" / "not-built.txt").exists()


def test_a_page_is_built_once_and_again_when_its_sources_change(tree: Path):
    (tree / "services" / "web" / "ui" / "not-built.txt").write_text("an older failure")
    assert build(tree).stdout.splitlines()[-1] == "Building the page ..."
    built = tree / "services" / "web" / "ui" / "built" / "index.html"
    assert built.is_file()
    assert not (tree / "services" / "web" / "ui" / "not-built.txt").exists()
    assert build(tree).stdout == ""
    page = tree / "ui" / "index.html"
    page.write_text(page.read_text().replace("<title>Toccata", "<title>Other"))
    assert build(tree).stdout == "Building the page ...\n"
    assert "<title>Other" in built.read_text()


def test_an_error_in_the_sources_is_reported(tree: Path):
    (tree / "ui" / "src" / "main.tsx").write_text("import './nowhere.ts';\n")
    done = build(tree)
    assert done.returncode == 1
    assert "nowhere.ts" in done.stderr
    assert "its sources have an error" in reason(tree)


def test_the_lock_file_names_no_registry():
    lock = json.loads((ROOT / "ui" / "package-lock.json").read_text())
    assert len(lock["packages"]) > 10
    for name, package in lock["packages"].items():
        assert "resolved" not in package, name
        assert name == "" or "integrity" in package, name
