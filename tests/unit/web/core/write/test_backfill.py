"""Backfills as clients write them."""

from __future__ import annotations

from typing import Any

import pytest

from services.web.core.problem import Problem
from services.web.core.write.backfill import NewBackfill, read_backfill

START = "1970-01-01T00:00:01Z"


def test_a_backfill_has_a_range_inputs_and_labels() -> None:
    written = {
        "start": START,
        "end": "1970-01-01T01:00:02+01:00",
        "inputs": {"a": 1},
        "labels": [{"key": "k", "value": "v"}],
    }

    assert read_backfill(written, 9_000) == NewBackfill(1_000, 2_000, {"a": 1}, {"k": "v"})


def test_without_an_end_it_ends_now() -> None:
    assert read_backfill({"start": START, "labels": None}, 9_000) == NewBackfill(1_000, 9_000, {}, {})


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ([], "must be an object"),
        ({}, "`backfill.start` is required"),
        ({"start": 5}, "`backfill.start` must be an instant"),
        ({"start": START, "end": "later"}, "`backfill.end` must be an instant"),
        ({"start": START, "end": "1970-01-01T00:00:00Z"}, "must not be before"),
        ({"start": START, "inputs": []}, "`backfill.inputs` must be an object"),
        ({"start": START, "labels": "a"}, "list of labels"),
    ],
)
def test_what_is_wrong_is_told(written: Any, told: str) -> None:
    with pytest.raises(Problem) as refused:
        read_backfill(written, 9_000)

    assert refused.value.status == 422
    assert told in refused.value.detail
