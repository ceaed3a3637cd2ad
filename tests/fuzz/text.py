"""Changes in a text: parts cut, doubled, swapped, and pieces of attacks put in."""

from __future__ import annotations

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
