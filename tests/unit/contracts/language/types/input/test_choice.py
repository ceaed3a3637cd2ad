from __future__ import annotations

from contracts.language.types.input.choice import options_of


def test_options_are_texts_whether_written_as_scalars_or_with_a_label():
    assert options_of(["a", 1, True, {"label": "B", "value": "b"}]) == ["a", "1", "true", "b"]
