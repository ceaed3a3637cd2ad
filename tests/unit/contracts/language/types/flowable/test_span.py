from datetime import timedelta
from typing import Any

import pytest

from contracts.language.types.behaviour import RenderingFailed
from contracts.language.types.flowable.span import milliseconds_of, span_of


class Text:
    def __init__(self, text):
        self._text = text

    def text(self, _):
        return self._text


def milliseconds(span: Any, text: str) -> int:
    rendering: Any = Text(text)
    return milliseconds_of(span, rendering)


def test_a_written_or_rendered_duration_is_in_milliseconds():
    assert milliseconds(span_of(timedelta(seconds=1.5)), "") == 1500
    assert milliseconds(span_of("{{ x }}"), " PT2S ") == 2000
    assert milliseconds(timedelta(seconds=-1), "") == 0


def test_what_is_no_duration_fails_with_what_to_write():
    with pytest.raises(RenderingFailed, match="invalid ISO-8601 duration `soon`"):
        milliseconds(span_of("{{ x }}"), "soon")
