"""``render`` and its relatives: templates within templates."""

from __future__ import annotations

import re
from typing import Any

from contracts.language.expression.budget import PER_ENTRY, PER_VALUE
from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.frame import Frame
from contracts.language.expression.operator import truthy
from contracts.language.expression.vocabulary import ABSENT, Word, word_of

_PROTECTED = re.compile("\x00(\\d+)\x00")


def _render(frame: Frame, value: Any, recursive: object = ABSENT) -> Any:
    if recursive is not ABSENT and not truthy(recursive):
        return once(frame, value)
    outermost = frame.protect is None
    if frame.protect is None:
        frame.protect = []
    try:
        rendered = _until_stable(frame, value)
        return _restore(frame, rendered, frame.protect) if outermost else rendered
    finally:
        if outermost:
            frame.protect = None


def _until_stable(frame: Frame, value: Any) -> Any:
    for _ in range(frame.scope.limits.max_passes):
        rendered = once(frame, value)
        if _same(frame, rendered, value):
            return rendered
        value = rendered
    raise ExpressionError("Too many rendering attempts")


def _same(frame: Frame, rendered: Any, value: Any) -> bool:
    if isinstance(value, dict | list | tuple):
        frame.budget.walk(value)
    return bool(rendered == value)


def once(frame: Frame, value: Any) -> Any:
    """Render all strings within the value once. Leave everything else as it is."""
    if isinstance(value, str):
        return _text(frame, value) if "{" in value else value
    if isinstance(value, dict | list | tuple):
        frame.budget.charge(PER_VALUE + PER_ENTRY * len(value))
    if isinstance(value, dict):
        return {once(frame, key): once(frame, item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [once(frame, item) for item in value]
    return value


def _text(frame: Frame, source: str) -> str:
    frame.tick()
    frame.passes += 1
    if frame.passes > frame.scope.limits.max_passes:
        raise ExpressionError("Too many rendering attempts")
    try:
        return frame.compile(source).render_within(frame)
    finally:
        frame.passes -= 1


def _restore(frame: Frame, value: Any, texts: list[str]) -> Any:
    if isinstance(value, str):
        return _restored(frame, value, texts) if "\x00" in value else value
    if isinstance(value, dict | list):
        frame.budget.charge(PER_VALUE + PER_ENTRY * len(value))
    if isinstance(value, dict):
        return {_restore(frame, key, texts): _restore(frame, item, texts) for key, item in value.items()}
    if isinstance(value, list):
        return [_restore(frame, item, texts) for item in value]
    return value


def _restored(frame: Frame, text: str, texts: list[str]) -> str:
    size = 0

    def kept(match: re.Match[str]) -> str:
        nonlocal size
        at = int(match[1]) if len(match[1]) < 9 else len(texts)
        found = texts[at] if at < len(texts) else match[0]
        size += len(found)
        frame.made(size)
        return found

    frame.budget.charge(PER_ENTRY * text.count("\x00"))
    return _PROTECTED.sub(kept, text)


def _block(frame: Frame, name: object) -> str:
    wanted = word_of(name, "`block`")
    block = frame.blocks.get(wanted)
    if block is None:
        raise ExpressionError(f"There is no block `{wanted}`")
    return block(frame)


RENDERING = {
    "render": Word(
        _render,
        ("toRender", "recursive"),
        1,
        doc="The value with all texts within it rendered, repeatedly until nothing changes. With `recursive=false` they are rendered once.",
        example="{{ render(vars.greeting) }} → Hello, Ada!",
    ),
    "renderOnce": Word(
        once,
        ("toRender",),
        1,
        doc="The value with all texts within it rendered once.",
        example="{{ renderOnce(vars.greeting) }} → Hello, Ada!",
    ),
    "block": Word(
        _block,
        ("name",),
        1,
        doc="The text of the block of this name in the same template.",
        example="{% block b %}x{% endblock %}{{ block('b') }} → xx",
    ),
}
