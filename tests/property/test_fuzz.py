"""A short run of each fuzzer. ``python -m tests.fuzz.core`` runs longer."""

from __future__ import annotations

import pytest

from tests.fuzz.core import TARGETS, one_round
from tests.fuzz.watch import Watch


@pytest.mark.parametrize("target", TARGETS)
def test_a_short_run_finds_no_fault(target: str) -> None:
    watch = Watch()
    one_round(target, 1, watch, 60)
    assert watch.runs[target] >= 60
    assert watch.faults == {}
