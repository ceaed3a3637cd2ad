"""What is wrong with a flow, where it stands, and the text in which Kestra's clients expect to read it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

Path: TypeAlias = tuple[str | int, ...]

ViolationKind = Literal["syntax", "structure", "constraint", "flow"]
"""``syntax``: not YAML. ``structure``: a key or type nobody knows. ``constraint``: a value that its field refuses.
``flow``: parts that are right alone and wrong together."""

_STEP = re.compile(r"\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\]|([^.\[\]]+)")
_PLAIN = re.compile(r"[^.\[\]']+")


@dataclass(frozen=True, slots=True)
class Violation:
    message: str
    path: str = ""
    line: int = 0
    column: int = 0
    value: object = None
    kind: ViolationKind = "constraint"


@dataclass(frozen=True, slots=True)
class Deprecation:
    """Still accepted; the message names the successor."""

    path: str
    message: str


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
    plain = [each.message for each in errors if each.kind in ("syntax", "structure")]
    lines = [f"{each.path}: {each.message}\n" for each in errors if each.kind == "constraint"]
    wrong_together = [each.message.removeprefix(INVALID_FLOW) for each in errors if each.kind == "flow"]
    if wrong_together:
        lines.append(f": {INVALID_FLOW}{', '.join(wrong_together)}\n")
    head = "\n".join(plain)
    return f"{head}\n{''.join(lines)}" if head and lines else head + "".join(lines)


INVALID_FLOW = "Invalid Flow: "
