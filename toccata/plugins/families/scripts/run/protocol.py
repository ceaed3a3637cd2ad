"""The output of script processes: lines of text, and ``::{json}::`` (docs/language/tasks.md#script-protocol). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from toccata.plugin import LEVELS, Level, MetricKind, NotJson, parse_duration, read_json, write_json

TEXT_LINE_BYTES = 64 * 1024
"""Longer lines of text become several lines."""
PROTOCOL_LINE_BYTES = 16 * 1024 * 1024
METRIC_KINDS = frozenset({"counter", "timer", "gauge"})
_INSIDE_CHARACTER = range(0x80, 0xC0)


@dataclass(frozen=True, slots=True)
class TooLong:
    """Stands for a protocol line over the limit, which cannot be used in part."""

    size: int
    """Bytes."""


class LineSplitter:
    """Splits chunks of bytes into whole lines, in bounded memory. Nothing of a text is lost."""

    def __init__(self) -> None:
        self._rest = b""
        self._skipped = 0
        """Bytes of a protocol line that is over the limit."""

    def feed(self, chunk: bytes) -> list[bytes | TooLong]:
        lines: list[bytes | TooLong] = []
        *ended, rest = chunk.split(b"\n")
        for part in ended:
            self._add(part, lines)
            lines.append(TooLong(self._skipped) if self._skipped else self._rest)
            self._rest, self._skipped = b"", 0
        self._add(rest, lines)
        return lines

    def _add(self, part: bytes, lines: list[bytes | TooLong]) -> None:
        if self._skipped:
            self._skipped += len(part)
            return
        self._rest += part
        if self._rest.startswith(b"::{"):
            if len(self._rest) > PROTOCOL_LINE_BYTES:
                self._rest, self._skipped = b"", len(self._rest)
            return
        while len(self._rest) > TEXT_LINE_BYTES:
            end = TEXT_LINE_BYTES
            while end > TEXT_LINE_BYTES - 3 and self._rest[end] in _INSIDE_CHARACTER:
                end -= 1
            lines.append(self._rest[:end])
            self._rest = self._rest[end:]

    def close(self) -> list[bytes | TooLong]:
        """The last line, if it had no newline."""
        rest, skipped, self._rest, self._skipped = self._rest, self._skipped, b"", 0
        return [TooLong(skipped)] if skipped else [rest] if rest else []


@dataclass(slots=True)
class Metric:
    kind: MetricKind
    name: str
    value: float
    tags: Mapping[str, str]


@dataclass(slots=True)
class Said:
    """The content of one protocol line."""

    outputs: dict[str, Any] = field(default_factory=dict)
    encrypted: dict[str, str] = field(default_factory=dict)
    """Further outputs as texts, which are encrypted before they are kept."""
    metrics: list[Metric] = field(default_factory=list)
    logs: list[tuple[Level, str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def is_protocol(line: bytes) -> bool:
    return line.startswith(b"::{") and line.endswith(b"}::")


def parse(line: bytes) -> Said:
    """Never raises. ``problems`` says what is wrong; the rest is used."""
    said = Said()
    # A line that means to keep something secret is not shown.
    shown = "…" if b"encryptedOutputs" in line else line[:200].decode("utf-8", "replace")
    try:
        members = read_json(line[2:-2])
    except NotJson as error:
        said.problems.append(f"Invalid outputs '{shown}': {error}")
        return said
    outputs = members.get("outputs")
    if isinstance(outputs, dict):
        said.outputs = outputs
    elif outputs is not None:
        said.problems.append(f"Invalid outputs '{shown}': `outputs` must be an object")
    encrypted = members.get("encryptedOutputs")
    if isinstance(encrypted, dict):
        said.encrypted = {name: _text(value) for name, value in encrypted.items() if value is not None}
    elif encrypted is not None:
        said.problems.append("Invalid outputs: `encryptedOutputs` must be an object")
    for name, read in (("metrics", _read_metric), ("logs", _read_log)):
        entries = members.get(name)
        if entries is None:
            continue
        if not isinstance(entries, list):
            said.problems.append(f"Invalid outputs '{shown}': `{name}` must be a list")
            continue
        for entry in entries:
            problem = read(entry, said)
            if problem:
                said.problems.append(f"Invalid outputs '{shown}': {problem}")
    return said


def _read_metric(entry: Any, said: Said) -> str | None:
    if not isinstance(entry, dict) or entry.get("type") not in METRIC_KINDS:
        return f"a metric needs a type of {', '.join(sorted(METRIC_KINDS))}"
    name, value, tags = entry.get("name"), entry.get("value"), entry.get("tags") or {}
    if not isinstance(name, str) or not name:
        return "a metric needs a name"
    if not isinstance(tags, dict):
        return f"tags of metric {name} must be an object"
    try:
        number = parse_duration(value).total_seconds() if isinstance(value, str) else value
    except ValueError:
        number = None
    if not isinstance(number, int | float):
        return f"value of metric {name} must be a number"
    kind = cast("MetricKind", entry["type"])
    said.metrics.append(Metric(kind, name, float(number), {str(k): _text(v) for k, v in tags.items()}))
    return None


def _read_log(entry: Any, said: Said) -> str | None:
    if not isinstance(entry, dict) or "message" not in entry:
        return "a log needs level and message"
    level = str(entry.get("level", "INFO")).upper()
    level = {"WARNING": "WARN", "CRITICAL": "ERROR", "FATAL": "ERROR"}.get(level, level)
    if level not in LEVELS:
        return f"level {level} is not one of {', '.join(LEVELS)}"
    said.logs.append((level, _text(entry["message"])))
    return None


def _text(value: Any) -> str:
    """A text as it is, everything else as JSON."""
    return value if isinstance(value, str) else write_json(value).decode()
