"""Limits how deep JSON is nested. Decoders and encoders recurse, so the room on the stack decides what they can handle: one
may read a value that another cannot write. All entrances therefore refuse at the same depth, far below any real limit."""

from __future__ import annotations

import re

MOST_LEVELS = 128
"""For a whole message. A user's values are some levels deeper in it."""
MOST_VALUE_LEVELS = 100
"""For inputs, outputs and the data of events."""
_TEXT = re.compile(rb'"[^"]*"?')
_OTHER = bytes(set(range(256)) - set(b'[]{}"'))
_ALIKE = bytes.maketrans(b"{}", b"[]")


def is_deeper(json: bytes, levels: int = MOST_LEVELS) -> bool:
    """Return whether arrays and objects are nested deeper than ``levels``. No loop visits single bytes, for speed."""
    if json.count(b"[") + json.count(b"{") <= levels:
        return False
    if b"\\" in json:
        json = json.replace(b"\\\\", b"").replace(b'\\"', b"")
    brackets = _TEXT.sub(b"", json.translate(_ALIKE, _OTHER))
    for _ in range(levels):
        innermost = brackets.count(b"[]")
        if not innermost:
            # No bracket closes, so this is not JSON. The decoder reports that, unless the text only opens brackets.
            return len(brackets) > levels
        brackets = brackets.replace(b"[]", b"")
    return bool(brackets)
