"""The decisions that are written down beside the code that they bind, as one list."""

from __future__ import annotations

import re
from pathlib import Path

from docs.generate.source import ROOT
from docs.generate.table import Pages, page

_TITLE = re.compile(r"^# (\d{4}) (.+)$", re.MULTILINE)
INTRODUCTION = """
What was decided once and binds the code since: why, what follows from it, and what a change looks like that would violate it.
Each stands in a folder `adr/` beside the code that it binds. Numbers run over the whole repository.
"""


def records() -> list[Path]:
    """All of them, by number."""
    found = [path for path in ROOT.glob("*/**/adr/*.md") if ".venv" not in path.parts]
    return sorted(found, key=lambda path: path.name)


def title_of(record: Path) -> tuple[str, str]:
    """Number and title. Raises ValueError when the first line is not `# 0001 Title`."""
    found = _TITLE.match(record.read_text(encoding="utf-8"))
    if found is None:
        raise ValueError(
            f"{record.relative_to(ROOT)} must begin with a line such as `# 0001 What was decided`"
        )
    return found.group(1), found.group(2)


def pages() -> Pages:
    parts = []
    for record in records():
        number, title = title_of(record)
        body = record.read_text(encoding="utf-8").partition("\n")[2]
        place = record.relative_to(ROOT).as_posix()
        parts.append(f"## {number} {title} {{#{number}}}\n\n*{place}*\n\n{_without_links(body)}")
    return {"reference/decisions.md": page("Decisions", INTRODUCTION, *parts)}


def _without_links(body: str) -> str:
    """Links to files of the repository lead nowhere from here."""
    return re.sub(r"\[([^\]]+)\]\((?!https?:)[^)]+\)", r"\1", body).strip()
