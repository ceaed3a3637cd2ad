"""Long tasks say how far they are, short ones say nothing."""

from __future__ import annotations

from toccata.kit.progress import EVERY_SECONDS, Progress


def test_it_speaks_at_most_once_in_its_time() -> None:
    now, said = [0.0], []
    progress = Progress(lambda level, line: said.append((level, line)), "rows", 4_000, clock=lambda: now[0])
    progress.add(1_000)
    assert said == []
    now[0] = EVERY_SECONDS
    progress.add(1_000)
    progress.add(1_000)
    assert said == [("INFO", "2,000 of 4,000 rows (50%)")]


def test_without_a_total_it_says_what_is_done() -> None:
    now, said = [0.0], []
    progress = Progress(lambda _, line: said.append(line), "bytes", clock=lambda: now[0])
    now[0] = EVERY_SECONDS
    progress.add(1_234)
    assert said == ["1,234 bytes so far"]
