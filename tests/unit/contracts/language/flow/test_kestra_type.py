"""The Kestra names in validation agree with those in the documentation."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from contracts.language.expression.filters import FILTERS
from contracts.language.expression.functions import FUNCTIONS
from contracts.language.expression.impure import IMPURE_FUNCTIONS
from contracts.language.expression.meant import ABSENT_FILTERS, ABSENT_FUNCTIONS
from contracts.language.flow.kestra_type import is_core_type, plugin_of

NAMES = yaml.safe_load((Path(__file__).parents[5] / "docs" / "data" / "kestra-names.yaml").read_text())
PREFIX = "io.kestra.plugin."


@pytest.mark.parametrize("package", [name for name in NAMES["types"] if name.startswith("core.")])
def test_every_type_of_kestras_core_is_known(package):
    assert [c for c in NAMES["types"][package] if not is_core_type(f"{PREFIX}{package}.{c}")] == []


def test_every_plugin_of_kestra_is_known():
    plugins = {package for package in NAMES["types"] if not package.startswith("core.")}
    assert sorted(p for p in plugins if plugin_of(f"{PREFIX}{p}.Any") is None) == []


def test_every_function_and_filter_of_kestra_is_built_or_known_to_be_absent():
    functions = set(NAMES["functions"]) - FUNCTIONS.keys() - IMPURE_FUNCTIONS - ABSENT_FUNCTIONS
    assert functions == set()
    assert set(NAMES["filters"]) - FILTERS.keys() - ABSENT_FILTERS == set()
