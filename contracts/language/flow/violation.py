"""An error in a flow, with its place and the text that Kestra's clients expect."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

Path: TypeAlias = tuple[str | int, ...]

ViolationKind = Literal["syntax", "structure", "constraint", "flow", "warning", "deprecation"]
"""``syntax``: not YAML. ``structure``: an unknown key or type. ``constraint``: a value that its field refuses.
``flow``: parts that are valid alone and wrong together. Two kinds refuse nothing: a ``warning`` names something that will not
work as written, a ``deprecation`` names the successor."""

_STEP = re.compile(r"\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\]|([^.\[\]]+)")
_PLAIN = re.compile(r"[^.\[\]']+")


@dataclass(frozen=True, slots=True)
class Violation:
    message: str
    path: str = ""
    line: int = 0
    """From 1. 0 means no particular place."""
    column: int = 0
    value: object = None
    kind: ViolationKind = "constraint"
    suggestion: str = ""
    """What to do about it, as sentences. Empty if the message is enough."""

    @property
    def told(self) -> str:
        """The message and the suggestion as one text."""
        return f"{self.message.rstrip('.')}. {self.suggestion}" if self.suggestion else self.message

    def one_line(self, place: str = "") -> str:
        """Return ``flow.yaml:6:5 tasks[0].message: must not be null``. Without a place it begins with line and column."""
        place = place or (f"{self.line}:{self.column}" if self.line else "")
        kind = f"{self.kind}: " if self.kind in ("warning", "deprecation") else ""
        path = f"{self.path}: " if self.path else ""
        text = " ".join(f"{kind}{path}{self.told}".split())
        return f"{place}{' ' if kind or path else ': '}{text}" if place else text

    def as_data(self) -> dict[str, object]:
        """Return it for programs. ``text`` is what people see."""
        return {
            "kind": self.kind,
            "line": self.line,
            "column": self.column,
            "path": self.path,
            "message": self.message,
            "suggestion": self.suggestion,
            "text": self.one_line(),
        }


MOST_FINDINGS = 100
"""Of each kind of list. Nobody reads more, and a small document could otherwise be answered with megabytes."""


def first_findings(found: Sequence[Violation]) -> tuple[Violation, ...]:
    """Return the first ones, and in place of the rest one that counts them."""
    if len(found) <= MOST_FINDINGS:
        return tuple(found)
    kind = found[MOST_FINDINGS].kind
    rest = Violation(f"{len(found) - MOST_FINDINGS} more are not listed", kind=kind)
    return (*found[:MOST_FINDINGS], rest)


def path_text(path: Sequence[str | int]) -> str:
    """Return ``("tasks", 0, "type")`` as ``tasks[0].type``."""
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
    """Return the path of a text. The inverse of ``path_text``."""
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
    """Return one text for all errors, as Kestra writes it: constraints as lines ``path: message``, the others alone."""
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
