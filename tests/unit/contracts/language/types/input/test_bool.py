from __future__ import annotations

import pytest

from contracts.language.types.input.bool import BOOL, BOOLEAN, parse


@pytest.mark.parametrize(
    ("given", "value"),
    [
        (True, True),
        ("TRUE", True),
        ("yes", False),
        (1, False),
        ("false", False),
    ],
)
def test_only_the_word_true_is_true(given, value):
    parsed = parse(given)
    assert parsed == value
    assert type(parsed) is type(value)


def test_the_old_name_says_its_new_one_and_reads_the_same():
    assert BOOLEAN.deprecated_by == BOOL.name
    assert BOOLEAN.parse is BOOL.parse
