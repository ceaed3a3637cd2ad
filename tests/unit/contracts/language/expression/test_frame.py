"""The limits of one rendering."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.language.expression.errors import LimitExceeded
from contracts.language.expression.frame import Frame
from contracts.language.expression.scope import Limits, Scope
from contracts.language.expression.template import compile_template
from tests.support.expression import NOW


def a_frame(**limits: Any) -> Frame:
    return Frame(Scope({}, NOW, seed=1, limits=Limits(**limits)), compile_template)


def test_steps_are_counted() -> None:
    frame = a_frame(max_steps=2)
    frame.tick()
    frame.tick()
    with pytest.raises(LimitExceeded, match="more than 2 steps"):
        frame.tick()


def test_time_is_asked_for_now_and_then() -> None:
    asked: list[int] = []

    def expired() -> bool:
        asked.append(frame.steps)
        return len(asked) == 2

    frame = a_frame(expired=expired)
    for _ in range(1_999):
        frame.tick()
    with pytest.raises(LimitExceeded, match="too long"):
        frame.tick()
    assert asked == [1_000, 2_000]


def test_output_is_counted_over_all_of_its_parts() -> None:
    frame = a_frame(max_output_chars=3)
    assert frame.note("ab") == "ab"
    frame.note("c")
    with pytest.raises(LimitExceeded, match="more than 3 characters"):
        frame.note("d")


def test_a_value_has_a_bound_by_itself() -> None:
    frame = a_frame(max_output_chars=3, max_elements=2)
    assert frame.bounded("abc") == "abc"
    assert frame.bounded([1, 2]) == [1, 2]
    for value in ("abcd", [1, 2, 3]):
        with pytest.raises(LimitExceeded):
            frame.bounded(value)


def test_chance_follows_from_the_seed() -> None:
    assert a_frame().random.random() == a_frame().random.random()
