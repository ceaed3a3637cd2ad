"""Texts with several flows, and the line with the revision."""

from __future__ import annotations

from contracts.language.flow.source_text import split_documents, without_revision


def test_documents_are_split_as_written_and_empty_ones_left_out():
    text = "# first\na: 1\n---\n# nothing\n---   \nb: |\n  --- text\n--- {c: 3}\n"
    assert split_documents(text) == ["# first\na: 1\n", "b: |\n  --- text\n", "{c: 3}\n"]


def test_the_revision_line_of_the_author_is_dropped():
    assert without_revision("id: a\nrevision: 7\ntasks: []\n") == "id: a\ntasks: []\n"
    assert without_revision("id: a\nx:\n  revision: 7\n") == "id: a\nx:\n  revision: 7\n"
