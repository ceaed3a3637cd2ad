"""The real catalog reads the example flows: their types exist and their properties are right."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts.language.flow.plan import compile_plan
from contracts.language.flow.validate import validate
from toccata.plugins.host.catalog import PluginCatalog

FOLDER = Path(__file__).parents[5] / "flows"
FILES = sorted(FOLDER.glob("*.yaml"))


@pytest.fixture(scope="module")
def catalog():
    return PluginCatalog.load()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_example_is_valid_and_gives_no_warning(file, catalog):
    result = validate(file.read_text(), catalog)
    assert [line for line in result.lines() if " deprecation: " not in line] == []
    assert result.flow is not None
    assert (result.flow.namespace, result.flow.id) == ("examples", file.stem)
    assert compile_plan(result.flow).tasks


def test_the_table_names_every_example():
    table = (FOLDER / "README.md").read_text()
    assert FILES
    assert [file.name for file in FILES if f"[{file.name}]" not in table] == []
