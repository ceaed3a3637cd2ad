"""Output of commands: results go to standard output, notes to standard error, colours only to terminals."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from toccata.cli.option import Form

STATE_STYLES = {
    "SUCCESS": "green",
    "WARNING": "yellow",
    "FAILED": "bold red",
    "KILLED": "red",
    "CANCELLED": "red",
    "KILLING": "red",
    "RUNNING": "cyan",
    "RETRYING": "yellow",
    "QUEUED": "magenta",
    "SKIPPED": "dim",
}
LEVEL_STYLES = {"ERROR": "red", "WARN": "yellow", "DEBUG": "dim", "TRACE": "dim"}


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Let the root of the command choose the exit code. Rich would end the program with 1."""
        raise BrokenPipeError


out = _Console(soft_wrap=True, highlight=False, markup=False, emoji=False)
err = _Console(stderr=True, soft_wrap=True, highlight=False, markup=False, emoji=False)


_VISIBLE = (
    {code: 0x2400 + code for code in range(0x20) if chr(code) not in "\t\n"}
    | {0x7F: 0x2421}
    | dict.fromkeys(range(0x80, 0xA0), 0xFFFD)
)


def visible(text: str) -> str:
    """Make control sequences visible, so that texts of flows cannot control a person's terminal."""
    return text if text.isprintable() else text.translate(_VISIBLE)


def say(*parts: str | tuple[str, str]) -> None:
    """Print one line of plain texts and (text, style) pairs."""
    shown = (visible(part) if isinstance(part, str) else (visible(part[0]), part[1]) for part in parts)
    out.print(Text.assemble(*shown))


def say_value(value: Any, form: Form) -> None:
    """Print one document for programs."""
    if form == "yaml":
        import yaml

        yaml.dump(value, sys.stdout, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False)
    else:
        sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def say_item(value: Any, form: Form) -> None:
    """Print one of several items, as a line of JSON or a document of YAML. Flush it, so that a reader sees it at once."""
    if form == "yaml":
        sys.stdout.write("---\n")
        say_value(value, form)
    else:
        sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def say_table(columns: Sequence[str], rows: Iterable[Sequence[str | tuple[str, str]]]) -> None:
    """Print columns as wide as their contents, also in a pipe. Rich's own tables fold or cut."""
    cells = [[(column, "bold") for column in columns]]
    for row in rows:
        pairs = [(cell, "") if isinstance(cell, str) else cell for cell in row]
        cells.append([(visible(text), style) for text, style in pairs])
    widths = [max(cell_len(row[index][0]) for row in cells) for index in range(len(columns))]
    for row in cells:
        line = Text()
        for (text, style), width in zip(row, widths, strict=True):
            line.append(text, style).append(" " * (width - cell_len(text) + 2))
        line.rstrip()
        out.print(line)


def state(name: str) -> tuple[str, str]:
    return name, STATE_STYLES.get(name, "")


def clock(instant: str | int | None) -> str:
    """Local time of day of an RFC 3339 text or of milliseconds."""
    moment = _local(instant)
    return moment.strftime("%H:%M:%S.%f")[:-3] if moment is not None else "-"


def date(instant: str | int | None) -> str:
    """Local date and time."""
    moment = _local(instant)
    return moment.strftime("%Y-%m-%d %H:%M:%S") if moment is not None else "-"


def seconds(duration: str | None) -> str:
    """``PT1M3.5S`` as ``63.5 s``."""
    from contracts.language.types.duration import parse_duration

    if not duration:
        return "-"
    try:
        return f"{parse_duration(duration).total_seconds():g} s"
    except ValueError:
        return duration


def _local(instant: str | int | None) -> datetime | None:
    if instant is None or instant == "":
        return None
    if isinstance(instant, int):
        return datetime.fromtimestamp(instant / 1000).astimezone()
    return datetime.fromisoformat(instant).astimezone()
