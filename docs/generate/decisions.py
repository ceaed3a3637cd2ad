"""One page with all decisions, which are kept beside the code that they bind."""

from __future__ import annotations

import re
from pathlib import Path

from docs.generate.source import ROOT
from docs.generate.table import Pages, page

_TITLE = re.compile(r"^# (\d{4}) (.+)$", re.MULTILINE)
INTRODUCTION = """
Decisions that bind the code. Each one gives the reasons, the consequences, and an example of a change that would violate it.
Each is in a folder `adr/` beside the code that it binds. One numbering covers the whole repository.
"""


def records() -> list[Path]:
    """All decisions, by number."""
    found = [path for path in ROOT.glob("*/**/adr/*.md") if ".venv" not in path.parts]
    return sorted(found, key=lambda path: path.name)


def title_of(record: Path) -> tuple[str, str]:
    """Number and title. Raises ValueError if the first line is not like `# 0001 Title`."""
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
    """Remove links, because files of the repository cannot be reached from the site."""
    return re.sub(r"\[([^\]]+)\]\((?!https?:)[^)]+\)", r"\1", body).strip()
