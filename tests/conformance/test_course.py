"""Our own flows with features of a newcomers' course. Each can be read, and validation only reports true things."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts.language.flow.parse import parse_flow
from contracts.language.flow.validate import validate
from toccata.plugins.host.catalog import PluginCatalog

FILES = sorted((Path(__file__).parent / "data" / "course").glob("*.yaml"))


@pytest.fixture(scope="module")
def catalog() -> PluginCatalog:
    return PluginCatalog.load()


def test_there_are_flows_to_read():
    assert len(FILES) >= 11


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_flow_of_the_course_is_read(file: Path):
    parsed = parse_flow(file.read_text(), None)
    assert parsed.errors == ()
    assert parsed.flow is not None
    assert parsed.flow.id == file.stem


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_only_types_that_are_missing_here_are_refused_and_the_text_says_so(
    file: Path, catalog: PluginCatalog
):
    for error in validate(file.read_text(), catalog).errors:
        known = "is not supported here" in error.message or "Toccata does not have" in error.suggestion
        assert known, error.one_line()


def test_the_first_flow_of_the_course_is_accepted_without_a_remark(catalog: PluginCatalog):
    assert validate(FILES[0].read_text(), catalog).lines() == []
