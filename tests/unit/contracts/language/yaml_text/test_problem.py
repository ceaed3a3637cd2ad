"""Texts that are not YAML, as people write them. The message says what is wrong, where, and what to write instead."""

from __future__ import annotations

import pytest

from contracts.language.yaml_text.document import FlowSyntaxError, load_document

SAID = [
    ("tab", "id: a\n\tnamespace: b\n", 2, 1, "a tab is used for indentation", "Indent with spaces"),
    (
        "tab after spaces",
        "tasks:\n  - id: a\n  \ttype: b\n",
        3,
        3,
        "a tab is used for indentation",
        "Indent with spaces",
    ),
    (
        "expression without quotes",
        "a: {{ x }}\n",
        1,
        4,
        "an expression is not quoted",
        'key: "{{ … }}"',
    ),
    (
        "expression with a filter",
        "id: a\nmessage: {{ inputs.x | upper }}\n",
        2,
        10,
        "an expression is not quoted",
        'key: "{{ … }}"',
    ),
    ("expression, then text", "a: {{ x }} and\n", 1, 4, "an expression is not quoted", "quotes"),
    ("tag without quotes", "a: {% if x %}b{% endif %}\n", 1, 4, "an expression is not quoted", "quotes"),
    ("expression in a list", "a:\n  - {{ x }}\n", 2, 5, "an expression is not quoted", "quotes"),
    ("strange first character", "a: @daily\n", 1, 4, "a text cannot start with `@`", "in quotes"),
    ("cron without quotes", "cron: */5 * * * *\n", 1, 7, "a text cannot start with `*`", "in quotes"),
    (
        "no colon",
        "id: a\nnamespace b\ntasks: []\n",
        2,
        1,
        "a colon is missing after `namespace`",
        "`namespace: …`",
    ),
    ("no colon at first", "id a\nnamespace: b\n", 1, 1, "a colon is missing after `id`", "`id: …`"),
    (
        "no colon after tasks",
        "id: a\ntasks\n  - id: b\n",
        2,
        1,
        "a colon is missing after `tasks`",
        "`tasks: …`",
    ),
    (
        "no space after the colon",
        "id: a\nnamespace:b\ntasks: []\n",
        2,
        11,
        "a space is missing after the colon",
        "`namespace: b`",
    ),
    ("no space at first", "id:a\nnamespace: b\n", 1, 4, "a space is missing after the colon", "`id: a`"),
    ("indented too far", "id: a\n  namespace: b\n", 2, 3, "indented in another way", "same column"),
    (
        "indented too little",
        "tasks:\n  - id: a\n   type: b\n",
        3,
        4,
        "indented in another way",
        "same column",
    ),
    ("items out of line", "tasks:\n    - id: a\n  - id: b\n", 3, 3, "indented in another way", "same column"),
    ("quote never closed", 'a: "x\nb: y\n', 1, 4, "a quote is opened and never closed", "same quote"),
    ("single quote never closed", "a: 'x\nb: y\n", 1, 4, "a quote is opened and never closed", "same quote"),
    (
        "quote within quotes",
        "a: 'it's'\n",
        1,
        8,
        "text goes on after its closing quote",
        "other kind of quote",
    ),
    (
        "quotes in an expression",
        'a: "{{ x["y"] }}"\n',
        1,
        11,
        "text goes on after its closing quote",
        "other kind of quote",
    ),
    (
        "colon in a value",
        "message: Hello: {{ x }}\n",
        1,
        15,
        "a colon and a space in it is not quoted",
        "in quotes",
    ),
    ("list not closed", "a: [1, 2\nb: c\n", 1, 4, "not closed by `]`", ""),
    ("map not closed", "a: {b: c\nd: e\n", 1, 4, "not closed by `}`", ""),
    ("unknown escape", 'a: "\\d"\n', 1, 5, "does not begin an escape", "single quotes"),
    (
        "list on the line of its key",
        "a: - b\n",
        1,
        4,
        "a list cannot begin on the line of its key",
        "next line",
    ),
    ("text beside the bar", "a: |x\n  b\n", 1, 5, "text follows `|` or `>`", "next line"),
    ("bracket alone", "a: ]\n", 1, 4, "a value is missing before `]`", ""),
    ("key twice", "a: 1\nb: 2\na: 3\n", 3, 1, "duplicate field `a`", "in line 1 already"),
    ("control character", "a: \x00", 1, 4, "U+0000 cannot be written", "Delete it"),
]


@pytest.mark.parametrize(
    ("text", "line", "column", "problem", "suggestion"),
    [case[1:] for case in SAID],
    ids=[case[0] for case in SAID],
)
def test_an_error_in_yaml_is_explained_in_plain_words(text, line, column, problem, suggestion):
    with pytest.raises(FlowSyntaxError) as caught:
        load_document(text)
    assert problem in caught.value.problem
    assert suggestion in caught.value.suggestion
    assert (caught.value.line, caught.value.column) == (line, column)
