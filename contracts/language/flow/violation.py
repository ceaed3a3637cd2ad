"""What is wrong with a flow, where it stands, and the text in which Kestra's clients expect to read it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

Path: TypeAlias = tuple[str | int, ...]

ViolationKind = Literal["syntax", "structure", "constraint", "flow", "warning", "deprecation"]
"""``syntax``: not YAML. ``structure``: a key or type nobody knows. ``constraint``: a value that its field refuses.
``flow``: parts that are right alone and wrong together. The last two refuse nothing: a ``warning`` says what will not
happen as written, a ``deprecation`` names the successor."""

_STEP = re.compile(r"\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\]|([^.\[\]]+)")
_PLAIN = re.compile(r"[^.\[\]']+")


@dataclass(frozen=True, slots=True)
class Violation:
    message: str
    path: str = ""
    line: int = 0
    """From 1; 0: nowhere in particular."""
    column: int = 0
    value: object = None
    kind: ViolationKind = "constraint"
    suggestion: str = ""
    """What to do about it, as sentences; empty where the message says it all."""

    @property
    def told(self) -> str:
        """Message and suggestion, as one text."""
        return f"{self.message.rstrip('.')}. {self.suggestion}" if self.suggestion else self.message

    def one_line(self, place: str = "") -> str:
        """``flow.yaml:6:5 tasks[0].message: must not be null``. Without a place: line and column."""
        place = place or (f"{self.line}:{self.column}" if self.line else "")
        kind = f"{self.kind}: " if self.kind in ("warning", "deprecation") else ""
        path = f"{self.path}: " if self.path else ""
        text = " ".join(f"{kind}{path}{self.told}".split())
        return f"{place}{' ' if kind or path else ': '}{text}" if place else text

    def as_data(self) -> dict[str, object]:
        """For programs; ``text`` is what people are shown."""
        return {
            "kind": self.kind,
            "line": self.line,
            "column": self.column,
            "path": self.path,
            "message": self.message,
            "suggestion": self.suggestion,
            "text": self.one_line(),
        }


def path_text(path: Sequence[str | int]) -> str:
    """``("tasks", 0, "type")`` as ``tasks[0].type``."""
    out = ""
    for step in path:
        if isinstance(step, int):
            out += f"[{step}]"
        elif _PLAIN.fullmatch(step):
            out += f".{step}" if out else step
        else:
            quoted = step.replace("\\", "\\\\").replace("'", "\\'")
            out += f"['{quoted}']"
    return out


def path_steps(text: str) -> Path:
    """The inverse of ``path_text``."""
    steps: list[str | int] = []
    for match in _STEP.finditer(text):
        index, quoted, name = match.groups()
        if index is not None:
            steps.append(int(index))
        elif quoted is not None:
            steps.append(re.sub(r"\\(.)", r"\1", quoted))
        else:
            steps.append(name)
    return tuple(steps)


def message_of(errors: Sequence[Violation]) -> str:
    """One text for all of them, as Kestra words it: constraints are lines ``path: message``, the others stand alone."""
    plain = [_placed(each) for each in errors if each.kind in ("syntax", "structure")]
    lines = [f"{each.path}: {each.told}\n" for each in errors if each.kind == "constraint"]
    wrong_together = [each.told for each in errors if each.kind == "flow"]
    if wrong_together:
        lines.append(f": Invalid Flow: {', '.join(wrong_together)}\n")
    head = "\n".join(plain)
    return f"{head}\n{''.join(lines)}" if head and lines else head + "".join(lines)


def _placed(violation: Violation) -> str:
    if violation.kind != "syntax":
        return violation.told
    where = f"(at line {violation.line}, column {violation.column})"
    return f"Illegal flow yaml: {violation.message} {where}" + (
        f". {violation.suggestion}" if violation.suggestion else ""
    )
