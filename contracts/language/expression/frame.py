"""One rendering: its variables, its locals, and how much of its limits it has used."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, Protocol

from contracts.language.expression.errors import LimitExceeded
from contracts.language.expression.scope import Scope

_ASK_EVERY = 1_000


class Renderable(Protocol):
    """A compiled template, as a nested rendering sees it."""

    def render_within(self, frame: Frame) -> str:
        """Return its text. Share the frame's locals and limits. Raise ExpressionError if it fails."""


class Frame:
    __slots__ = (
        "_random",
        "blocks",
        "compile",
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
        self.compile = compile_text
        """Compiles texts that turn out to be templates during the rendering."""
        self.variables = scope.variables
        self.locals: dict[str, object] = {}
        self.macros: dict[str, Callable[..., str]] = {}
        self.blocks: dict[str, Callable[[Frame], str]] = {}
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
        limits = self.scope.limits
        if self.steps > limits.max_steps:
            raise LimitExceeded(f"The expression takes more than {limits.max_steps} steps")
        if limits.expired is not None and self.steps % _ASK_EVERY == 0 and limits.expired():
            raise LimitExceeded("The expression takes too long")

    def note(self, text: str) -> str:
        """Count ``text`` towards the size of the output."""
        self.size += len(text)
        if self.size > self.scope.limits.max_output_chars:
            raise LimitExceeded(
                f"The expression's output has more than {self.scope.limits.max_output_chars} characters"
            )
        return text

    def bounded(self, value: Any) -> Any:
        """Return a value that a function or filter made, or raise LimitExceeded if it is too large."""
        limits = self.scope.limits
        if isinstance(value, str):
            if len(value) > limits.max_output_chars:
                raise LimitExceeded(f"The text has more than {limits.max_output_chars} characters")
        elif isinstance(value, list) and len(value) > limits.max_elements:
            raise LimitExceeded(f"The list has more than {limits.max_elements} elements")
        return value
