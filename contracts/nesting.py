"""How deep JSON is nested. Decoders and encoders recurse: what one can still read, another, further down its stack, cannot
write. So all doors refuse at the same depth, far below what any of them could bear."""

from __future__ import annotations

import re

MOST_LEVELS = 128
"""Of a message. What a user hands in stands some levels below."""
MOST_VALUE_LEVELS = 100
"""Of inputs, outputs and the data of events."""
_TEXT = re.compile(rb'"[^"]*"?')
_OTHER = bytes(set(range(256)) - set(b'[]{}"'))
_ALIKE = bytes.maketrans(b"{}", b"[]")


def is_deeper(json: bytes, levels: int = MOST_LEVELS) -> bool:
    """Whether arrays and objects are nested in more than so many levels. No loop goes over single bytes."""
    if json.count(b"[") + json.count(b"{") <= levels:
        return False
    if b"\\" in json:
        json = json.replace(b"\\\\", b"").replace(b'\\"', b"")
    brackets = _TEXT.sub(b"", json.translate(_ALIKE, _OTHER))
    for _ in range(levels):
        innermost = brackets.count(b"[]")
        if not innermost:
            # Nothing closes: no JSON, and its decoder will say so, unless it only ever opens.
            return len(brackets) > levels
        brackets = brackets.replace(b"[]", b"")
    return bool(brackets)
