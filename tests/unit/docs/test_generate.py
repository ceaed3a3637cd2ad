"""The reference documents everything, and each document has the form of a page."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Literal

import pytest

from contracts.language.expression.check import CHECKS
from contracts.language.expression.filters import FILTERS
from contracts.language.expression.functions import FUNCTIONS
from contracts.language.flow.parse import part_violations
from contracts.language.flow.schema import keys_of
from contracts.language.types.declaration import InputType
from contracts.language.types.index import INPUTS
from contracts.language.types.input.common import Input
from contracts.states import State
from contracts.topics import TOPICS
from docs.generate import inputs, kestra, settings, telemetry, types
from docs.generate.assemble import DOCS, configuration, generated, handwritten
from docs.generate.polish import polish
from docs.generate.table import sentence, table
from monitoring.catalog import metrics_by_service
from toccata.plugins.host.document import Documentation


@cache
def made() -> dict[str, str]:
    return generated()


def test_every_word_of_the_expression_language_has_an_entry() -> None:
    page = made()["reference/expressions.md"]
    for kind, words in (("function", FUNCTIONS), ("filter", FILTERS), ("test", CHECKS)):
        for name in words:
            assert f"{{#{kind}-{name}}}" in page


def test_every_setting_has_a_sentence() -> None:
    silent = [
        each.variable
        for owner in settings.settings_classes()
        for each in settings.settings_of(owner)
        if len(each.doc) < 5
    ]
    assert silent == [], "give Field(description=…)"


def test_every_topic_and_every_state_is_listed() -> None:
    assert all(f"`{name}`" in made()["reference/topics.md"] for name in TOPICS)
    assert all(f"`{state}`" in made()["reference/states.md"] for state in State)


def test_every_type_has_a_section_that_its_links_lead_to() -> None:
    for plugin in types.catalog():
        name, _, anchor = types.link(plugin.name).partition("#")
        assert f"{{#{anchor}}}" in made()[f"reference/{name}"]


@pytest.mark.parametrize("declared", INPUTS.values(), ids=lambda declared: declared.name)
def test_every_input_type_has_a_section_with_all_its_keys(declared: InputType) -> None:
    page = made()["reference/inputs.md"]
    section = page.partition(f"{{#{inputs.anchor(declared.name)}}}")[2].partition("\n## ")[0]
    assert declared.title in section
    keys = set(keys_of(declared.properties)) - set(keys_of(Input))
    assert set(inputs.own_keys(declared)) == keys
    assert all(f"| `{key}` |" in section for key in keys)
    assert all(doc for _, doc in inputs.own_keys(declared).values()), "give Field(description=…)"


def test_every_command_is_listed() -> None:
    page = made()["reference/cli.md"]
    for command in ("toccata standalone", "toccata flow apply", "toccata events tail", "toccata doctor"):
        assert f"\n## {command}\n" in page


def test_operations_come_from_the_document_that_web_gives() -> None:
    page = made()["reference/api.md"]
    assert "`POST /api/v1/main/executions/{namespace}/{flow_id}`" in page
    assert "webhook/{namespace}/{flow_id}/{key}" in page


def test_metrics_and_log_events_are_found_where_they_are_made() -> None:
    page = made()["reference/metrics.md"]
    assert all(f"`{metric.name}" in page for found in metrics_by_service().values() for metric in found)
    assert all(f"`{rule['alert']}`" in page for rule in telemetry.alerts())
    names = {event.name for event in telemetry.log_events()}
    assert {"partition_stepped_down", "record_buried", "migration_applied"} <= names


def test_what_kestra_has_is_compared_with_what_is_here() -> None:
    found = kestra.statuses()
    assert found["types"]["io.kestra.plugin.core.log.Log"] == "here"
    assert found["types"]["io.kestra.plugin.mongodb.Find"] == "not here"
    assert found["functions"]["secret"] == "here"
    assert found["functions"]["appLink"] == "not here"
    assert found["flow"]["sla"] == "here"
    assert found["flow"]["listeners"] == "here"
    assert found["flow"]["quotas"] == "not here"


def test_each_difference_is_about_a_name_that_kestra_has() -> None:
    found = kestra.statuses()
    known = {kind: set(names) for kind, names in found.items()}
    known["types"] = {name.removeprefix(kestra.PREFIX) for name in known["types"]}
    for kind, sentences in kestra.differences().items():
        if kind != "general":
            assert set(sentences) <= known[kind], kind


def test_tables_hold_one_line_a_row_and_no_borders_within() -> None:
    text = table(("a", "b"), [("x\ny", "p|q")])
    assert text.splitlines() == ["| a | b |", "| --- | --- |", "| x y | p\\|q |"]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("address to listen on", "Address to listen on."),
        ("host:port, comma-separated", "host:port, comma-separated."),
        ("uses ``x``: see :meth:`log_room`", "Uses `x`: see `log_room`."),
        ("", ""),
    ],
)
def test_descriptions_become_sentences(written: str, shown: str) -> None:
    assert sentence(written) == shown


def test_every_page_by_hand_and_every_generated_one_is_in_the_navigation() -> None:
    listed = set(re.findall(r"[\w/-]+\.md", str(configuration(made())["nav"])))
    written = {path.relative_to(DOCS).as_posix() for path in handwritten()}
    assert listed == written | set(made())


def test_inline_scripts_move_into_files_and_what_comes_from_elsewhere_is_named(tmp_path: Path) -> None:
    page = tmp_path / "deep" / "index.html"
    page.parent.mkdir()
    page.write_text(
        '<script>let a = 1</script><script src="x.js"></script><link href="https://fonts.example/x.css">'
    )
    problems = polish(tmp_path)
    assert problems == ["deep/index.html loads https://fonts.example/x.css"]
    (moved,) = (tmp_path / "assets" / "javascripts").iterdir()
    assert moved.read_text() == "let a = 1"
    assert f'<script src="../assets/javascripts/{moved.name}"></script>' in page.read_text()
    assert "<script>" not in page.read_text()


def documents() -> list[Documentation]:
    known = types.catalog()
    return [document for entry in known if (document := known.documentation(entry.name)) is not None]


@pytest.mark.parametrize("document", documents(), ids=lambda document: document.name)
def test_every_example_of_a_type_is_valid(document: Documentation) -> None:
    catalog = types.catalog()
    entry = catalog.find(document.name)
    assert entry is not None
    for example in document.examples:
        if entry.kind == "runner":
            continue  # it is a property of a task
        section: Literal["TASKS", "TRIGGERS"] = "TRIGGERS" if entry.kind == "trigger" else "TASKS"
        assert part_violations(example, section, catalog) == ()
