from __future__ import annotations

import pytest
from pydantic import TypeAdapter

from contracts.language.types.name import DottedId

DOTTED = TypeAdapter(DottedId)


@pytest.mark.parametrize("name", ["a", "db.user", "a-b_c", "1a", "a" * 256])
def test_a_dotted_id_has_letters_digits_dots_hyphens_and_underscores(name):
    assert DOTTED.validate_python(name) == name


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("", "must match"),
        (".a", "must match"),
        ("a b", "must match"),
        ("a" * 257, "size must be between 1 and 256"),
    ],
)
def test_another_id_is_refused_with_what_it_must_look_like(name, problem):
    with pytest.raises(ValueError, match=problem):
        DOTTED.validate_python(name)
