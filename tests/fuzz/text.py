"""Changes in a text: parts cut, doubled, swapped, and pieces of attacks put in. And the places in a document where something can
be changed."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

PIECES = ["{{", "}}", "{%", "%}", "|", "~", "'", '"', "[", "{", ":", "&a ", "*a", "<<: ", "!!int ", "\x00", "\ud800", "é", "1e4000000000", "-", "\n", "\n  ", "null", "9" * 60, "a: ", "(", ".."]  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn, texts: st.SearchStrategy[str], most: int = 4) -> str:
    text = draw(texts)
    for _ in range(draw(st.integers(0, most))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 40)))
        how = draw(st.sampled_from(["cut", "double", "piece", "many"]))
        if how == "cut":
            text = text[:start] + text[end:]
        elif how == "double":
            text = text[:end] + text[start:end] * draw(st.integers(1, 50)) + text[end:]
        else:
            count = draw(st.integers(1, 200)) if how == "many" else 1
            text = text[:start] + draw(st.sampled_from(PIECES)) * count + text[start:]
        text = text[:200_000]
    return text


def places(document: Any) -> list[tuple[Any, Any]]:
    """Return all places in maps and lists, as container and key."""
    found: list[tuple[Any, Any]] = []
    waiting = [document]
    while waiting:
        container = waiting.pop()
        keys = list(container) if isinstance(container, dict) else range(len(container))
        for key in keys:
            found.append((container, key))
            if isinstance(container[key], (dict, list)):
                waiting.append(container[key])
    return found
