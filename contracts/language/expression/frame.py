"""One rendering: its variables, its locals, and how much of its limits it has used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import Any, Protocol

from contracts.language.expression.budget import PER_VALUE, Budget
from contracts.language.expression.errors import LimitExceeded
from contracts.language.expression.scope import Scope
from contracts.language.expression.text import to_text

_ASK_EVERY = 1_000
_NONE: Mapping[str, Any] = {}


class Renderable(Protocol):
    """A compiled template, as a nested rendering sees it."""

    def render_within(self, frame: Frame) -> str:
        """Return its text. Share the frame's locals and limits. Raise ExpressionError if it fails."""


class Frame:
    __slots__ = (
        "_random",
        "blocks",
        "budget",
        "compile",
        "limits",
        "locals",
        "macros",
        "passes",
        "protect",
        "scope",
        "size",
        "steps",
        "variables",
    )

    def __init__(self, scope: Scope, compile_text: Callable[[str], Renderable]) -> None:
        self.scope = scope
        self.budget: Budget = scope.budget
        self.limits = scope.limits
        self.compile = compile_text
        """Compiles texts that turn out to be templates during the rendering."""
        self.variables = scope.variables
        self.locals: dict[str, object] = {}
        self.macros: Mapping[str, Callable[..., str]] = _NONE
        self.blocks: Mapping[str, Callable[[Frame], str]] = _NONE
        self.steps = 0
        self.size = 0
        self.passes = 0
        self.protect: list[str] | None = None
        """While ``render()`` repeats: the texts of ``{% raw %}``, which must not be rendered again."""
        self._random: Random | None = None

    @property
    def random(self) -> Random:
        if self._random is None:
            self._random = Random(self.scope.seed)  # noqa: S311 - must be repeatable
        return self._random

    def tick(self) -> None:
        """Count one more operation, so that no loop runs for ever."""
        self.steps += 1
        limits = self.limits
        if self.steps > limits.max_steps:
            raise LimitExceeded(f"The expression takes more than {limits.max_steps} steps")
        if limits.expired is not None and self.steps % _ASK_EVERY == 0 and limits.expired():
            raise LimitExceeded("The expression takes too long")

    def note(self, text: str) -> str:
        """Count ``text`` towards the size of the output."""
        self.size += len(text)
        if self.size > self.limits.max_output_chars:
            raise LimitExceeded(
                f"The expression's output has more than {self.limits.max_output_chars} characters"
            )
        return text

    def text(self, value: Any) -> str:
        """Return a value as templates print it."""
        return value if isinstance(value, str) else to_text(value, self.budget)

    def made(self, chars: int) -> None:
        """Charge a text of this length that is about to be made, or raise LimitExceeded if it may not be that long."""
        if chars > self.limits.max_output_chars:
            raise LimitExceeded(f"The text would have more than {self.limits.max_output_chars} characters")
        self.budget.charge(chars + PER_VALUE)

    def bounded(self, value: Any) -> Any:
        """Return a value that a function or filter made, or raise LimitExceeded if it is too large."""
        if isinstance(value, str):
            if len(value) > self.limits.max_output_chars:
                raise LimitExceeded(f"The text has more than {self.limits.max_output_chars} characters")
        elif isinstance(value, list) and len(value) > self.limits.max_elements:
            raise LimitExceeded(f"The list has more than {self.limits.max_elements} elements")
        return value
