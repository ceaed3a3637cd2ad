"""How deep JSON is nested. Decoders and encoders recurse: what one can still read, another, further down its stack, cannot
write. So all doors refuse at the same depth, far below what any of them could bear."""

from __future__ import annotations

import re

MOST_LEVELS = 128
"""Of a message. What a user hands in stands some levels below."""
MOST_VALUE_LEVELS = 100
"""Of inputs, outputs and the data of events."""
_TEXT = re.compile(rb'"(?:[^"\\]|\\.)*"?', re.DOTALL)
_BRACKET = re.compile(rb"[\[\]{}]")


def is_deeper(json: bytes, levels: int = MOST_LEVELS) -> bool:
    """Whether arrays and objects are nested in more than so many levels. Cheap where there are few of them."""
    if json.count(b"[") + json.count(b"{") <= levels:
        return False
    depth = 0
    for bracket in _BRACKET.findall(_TEXT.sub(b"", json)):
        if bracket in b"[{":
            depth += 1
            if depth > levels:
                return True
        else:
            depth -= 1
    return False
