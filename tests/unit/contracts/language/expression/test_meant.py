"""Hints for unknown functions and filters."""

from __future__ import annotations

from contracts.language.expression.filters import FILTERS
from contracts.language.expression.functions import FUNCTIONS
from contracts.language.expression.impure import IMPURE_FUNCTIONS
from contracts.language.expression.meant import ABSENT_FILTERS, ABSENT_FUNCTIONS, filter_meant, function_meant


def test_words_that_count_as_absent_are_not_there():
    assert not ABSENT_FUNCTIONS & (FUNCTIONS.keys() | IMPURE_FUNCTIONS)
    assert not ABSENT_FILTERS & FILTERS.keys()


def test_a_macro_of_the_template_may_be_meant_too():
    assert function_meant("gret", ["greet"]) == "Did you mean `greet`?"
    assert function_meant("gret", []) == ""


def test_a_function_is_no_filter_and_a_filter_no_function():
    assert function_meant("slugify", ()) == "`slugify` is a filter: write `value | slugify`."
    assert filter_meant("secret") == "`secret` is a function: write `secret(value)`."
