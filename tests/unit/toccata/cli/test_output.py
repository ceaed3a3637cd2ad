"""What flows say reaches a terminal as text, never as a command to it."""

from __future__ import annotations

import pytest

from toccata.cli.output import say, say_table

HOSTILE = "\x1b[2J\x1b]0;owned\x07 \x9b31m\r\b\x7f"


def test_control_sequences_are_shown_not_sent(capsys: pytest.CaptureFixture[str]) -> None:
    say(HOSTILE, (HOSTILE, "red"), "\ttabbed é 漢")
    say_table(["A"], [[HOSTILE], [(HOSTILE, "bold")]])

    shown = capsys.readouterr().out

    assert "tabbed é 漢" in shown
    assert "␛[2J" in shown
    assert not any(ord(char) < 0x20 and char not in "\t\n" for char in shown)
    assert not any(0x7F <= ord(char) < 0xA0 for char in shown)
