"""Each function, filter and test has documentation, and its example is true."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from contracts.language.expression.check import CHECKS
from contracts.language.expression.filters import FILTERS
from contracts.language.expression.functions import FUNCTIONS
from contracts.language.expression.scope import Scope
from contracts.language.expression.template import compile_template
from contracts.language.expression.vocabulary import Word

WORDS = [
    (kind, name, word)
    for kind, words in (("filter", FILTERS), ("function", FUNCTIONS), ("test", CHECKS))
    for name, word in words.items()
]
IN_A_LOOP = {
    "inputs": {"name": "Ada"},
    "vars": {"greeting": "Hello, {{ inputs.name }}!", "stage": "test"},
    "envs": {},
    "taskrun": {"value": "eu", "iteration": 0},
    "parents": [{"outputs": {"evaluationResult": True}}],
    "outputs": {"pull": {"eu": {"value": "eu-data"}, "us": {"value": "us-data"}}},
    "tasks": {"pull": {"eu": {"state": "FAILED"}, "us": {"state": "SUCCESS"}}},
}


def scope(seed: int = 7) -> Scope:
    return Scope(IN_A_LOOP, datetime(2026, 3, 1, 12, 30, tzinfo=UTC), seed)


@pytest.mark.parametrize(("kind", "name", "word"), WORDS, ids=[f"{kind} {name}" for kind, name, _ in WORDS])
def test_the_example_of_each_word_renders_as_it_says(kind: str, name: str, word: Word) -> None:
    assert word.doc.endswith((".", "`.")), f"{kind} {name} has no documentation, or not a sentence"
    template, arrow, expected = word.example.partition(" → ")
    assert name in template
    rendered = compile_template(template).render(scope())
    if arrow:
        assert rendered == expected
    else:
        assert rendered != compile_template(template).render(scope(seed=8))
