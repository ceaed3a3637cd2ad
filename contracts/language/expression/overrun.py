"""Holds the budget of the present rendering, so that a service can end one that would never end.

Steps and sizes are limited, but a single step may take for ever: a regular expression that backtracks, or a list that is
repeated a million times. Only a signal can interrupt it. This module uses no signals and no clocks;
``toccata.runtime.rendering_limit`` does.
"""

from __future__ import annotations

from contracts.language.expression.budget import Budget


class Running:
    __slots__ = ("budget",)

    def __init__(self) -> None:
        self.budget: Budget | None = None
        """That of the main thread's rendering. Code that raises into the rendering clears this first."""


RUNNING = Running()
