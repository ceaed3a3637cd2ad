"""Holds the budget of the present rendering, so that a service can end one that would never end.

Steps and sizes are limited, but a single step may take for ever: a regular expression that backtracks, or a list that is
repeated a million times. Only a signal can interrupt it. This module uses no signals and no clocks;
``toccata.runtime.rendering_limit`` does.
"""

from __future__ import annotations

import threading

from contracts.language.expression.budget import Budget


class Running(threading.local):
    """The signal arrives in the main thread, so only a rendering there is interrupted."""

    def __init__(self) -> None:
        self.budget: Budget | None = None
        """That of this thread's rendering. Code that raises into the rendering clears this first."""


RUNNING = Running()
