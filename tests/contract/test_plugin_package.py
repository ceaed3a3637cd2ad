"""A third-party plugin package that is installed into a folder appears beside ours, and runs."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.attempt import Bench
from toccata.plugins.host.catalog import PluginCatalog

SOURCE = Path(__file__).parents[1] / "fixtures" / "sample_plugin"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    base = tmp_path_factory.mktemp("plugins")
    source, target = base / "source", base / "installed"
    shutil.copytree(SOURCE, source)
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--target", str(target)]
    subprocess.run([sys.executable, "-m", "pip", "install", *options, str(source)], check=True)
    yield target
    sys.path.remove(str(target.resolve()))
    for name in [name for name in sys.modules if name.startswith("toccata_sample")]:
        del sys.modules[name]


async def test_a_package_installed_into_a_folder_is_found_validated_and_run(
    folder: Path, tmp_path: Path
) -> None:
    catalog = PluginCatalog.load([folder])

    greet = catalog.task("com.example.Greet")
    assert greet is not None
    assert catalog.check("com.example.Greet", {"name": "{{ who }}", "times": 0})[0].path == "times"

    bench = Bench(tmp_path)
    ended = await bench.run(greet, {"name": "{{ who }}", "times": "{{ 2 }}"}, variables={"who": "Will"})
    assert ended.outcome == "succeeded"
    assert ended.outputs == {"greeting": "Hello, Will! Hello, Will!"}


def test_an_entry_point_that_does_not_load_is_reported_and_the_others_are_there(folder: Path) -> None:
    catalog = PluginCatalog.load([folder])
    (broken,) = catalog.broken
    assert broken.name == "broken"
    assert "no_such_module" in broken.reason
    assert str(folder.resolve()) == broken.origin
    assert catalog.resolve("com.example.Greet") is not None
    assert catalog.resolve("io.kestra.plugin.core.log.Log") is not None
