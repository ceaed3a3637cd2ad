"""Turns rows into Markdown, for all generated pages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

Pages = dict[str, str]
"""Markdown by its path below ``docs``."""


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [_line(header), _line(["---"] * len(header))]
    lines += [_line([cell(each) for each in row]) for row in rows]
    return "\n".join(lines)


def cell(text: str) -> str:
    """The text in one line, with borders of tables escaped."""
    return re.sub(r"\s+", " ", text.strip()).replace("|", "\\|")


def code(text: object) -> str:
    """The text as code. Empty if there is none."""
    shown = str(text)
    if not shown:
        return ""
    fence = "``" if "`" in shown else "`"
    pad = " " if fence == "``" else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def sentence(text: str) -> str:
    """Begin with a capital letter and end with a full stop. Sphinx markup in docstrings becomes Markdown."""
    plain = re.sub(r"\s+", " ", text.strip()).replace("``", "`")
    plain = re.sub(r":\w+:`([^`]+)`", r"`\1`", plain)
    if not plain:
        return ""
    first = plain.partition(" ")[0]
    # An address or a name stays as it is.
    start = plain[0].upper() if first.strip(",;:").isalpha() else plain[0]
    return start + plain[1:] + ("" if plain[-1] in ".:!?" else ".")


def page(title: str, *parts: str) -> str:
    return "\n\n".join([f"# {title}", *[part.strip("\n") for part in parts if part]]) + "\n"


def block(language: str, text: str) -> str:
    return f"```{language}\n{text.rstrip()}\n```"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
