"""One rendering: variables, locals, and what it has used of its limits."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, Protocol

from contracts.language.expression.errors import LimitExceeded
from contracts.language.expression.scope import Scope

_ASK_EVERY = 1_000


class Renderable(Protocol):
    """A compiled template, as seen by what renders within a rendering."""

    def render_within(self, frame: Frame) -> str:
        """Its text; locals and limits of the frame go on. Raises ExpressionError."""


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
        """For texts that turn out to be templates while rendering."""
        self.variables = scope.variables
        self.locals: dict[str, object] = {}
        self.macros: dict[str, Callable[..., str]] = {}
        self.blocks: dict[str, Callable[[Frame], str]] = {}
        self.steps = 0
        self.size = 0
        self.passes = 0
        self.protect: list[str] | None = None
        """While ``render()`` repeats itself: texts of ``{% raw %}``, which must not be rendered again."""
        self._random: Random | None = None

    @property
    def random(self) -> Random:
        if self._random is None:
            self._random = Random(self.scope.seed)  # noqa: S311 - must be repeatable
        return self._random

    def tick(self) -> None:
        """One more operation that could be repeated without end."""
        self.steps += 1
        limits = self.scope.limits
        if self.steps > limits.max_steps:
            raise LimitExceeded(f"The expression takes more than {limits.max_steps} steps")
        if limits.expired is not None and self.steps % _ASK_EVERY == 0 and limits.expired():
            raise LimitExceeded("The expression takes too long")

    def note(self, text: str) -> str:
        """``text`` was produced: it counts towards the output."""
        self.size += len(text)
        if self.size > self.scope.limits.max_output_chars:
            raise LimitExceeded(
                f"The expression gives more than {self.scope.limits.max_output_chars} characters"
            )
        return text

    def bounded(self, value: Any) -> Any:
        """A value that a function or a filter made: refused when it is too large."""
        limits = self.scope.limits
        if isinstance(value, str):
            if len(value) > limits.max_output_chars:
                raise LimitExceeded(f"A text of more than {limits.max_output_chars} characters")
        elif isinstance(value, list) and len(value) > limits.max_elements:
            raise LimitExceeded(f"A list of more than {limits.max_elements} elements")
        return value
