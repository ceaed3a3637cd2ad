"""Validation compiles the expressions in a flow."""

from __future__ import annotations

import pytest

from tests.unit.contracts.language.flow.flow_source import HEAD, parsed, the_one


def test_an_expression_in_a_block_is_reported_at_its_own_line():
    text = (
        HEAD
        + "tasks:\n  - id: t\n    type: io.kestra.plugin.core.debug.Return\n    format: |\n      one\n      {{ two\n"
    )
    path, line, _, _ = the_one(text)
    assert (path, line) == ("tasks[0].format", 8)


@pytest.mark.parametrize(
    "text", ["{{ a" + ".b" * 20_000 + " }}", "{{ a" + " ~ a" * 20_000 + " }}", "{{ " + "(" * 20_000]
)
def test_an_expression_beyond_all_measure_is_a_violation_too(text):
    task = f"tasks:\n  - {{id: t, type: io.kestra.plugin.core.debug.Return, format: '{text}'}}\n"
    assert the_one(HEAD + task)[3].startswith("Invalid expression: ")


def test_braces_of_a_property_that_is_never_rendered_are_no_expressions():
    assert parsed(HEAD + "tasks: [{id: t, type: test.Static, text: '{{ a'}]\n").flow is not None


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("{{ inputs.a | json }}", ["Filter `json` is replaced by `toJson`"]),
        ("{{ json(inputs.a).b }}", ["Function `json` is replaced by `fromJson`"]),
        ("{{ inputs.a|json|upper }}", ["Filter `json` is replaced by `toJson`"]),
        ("{{ inputs.json | toJson }}", []),
        ("{{ 'a | json' }}", []),
        ("{{ inputs.a is json }}", []),
        ("{{ fromJson(inputs.a) }}", []),
    ],
)
def test_old_words_are_deprecated_and_name_their_successor(text, messages):
    task = f'tasks:\n  - {{id: t, type: io.kestra.plugin.core.debug.Return, format: "{text}"}}\n'
    found = parsed(HEAD + task)
    assert found.errors == ()
    assert [each.message for each in found.deprecations] == messages
    assert all((each.path, each.line) == ("tasks[0].format", 4) for each in found.deprecations)
