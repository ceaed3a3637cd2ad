"""Lines of a log."""

from __future__ import annotations

import pytest

from services.worker.core.text import LINE_BYTES, parts


@pytest.mark.parametrize("message", ["", "short", "y" * 40_000 + "END", "é" * 20_000 + "END", "😀" * 9_000])
def test_a_long_message_becomes_lines_that_together_are_the_message(message: str) -> None:
    found = parts(message)
    assert "".join(found) == message
    assert all(len(part.encode()) <= LINE_BYTES for part in found)
