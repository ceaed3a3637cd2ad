"""Holds the present rendering, so that a service can end one that would never end.

Steps and sizes are limited, but a single step may take for ever: a regular expression that backtracks, or a list that is
repeated a million times. Only a signal can interrupt it. This module uses no signals and no clocks;
``toccata.runtime.rendering_limit`` does.
"""

from __future__ import annotations


class Running:
    __slots__ = ("rendering",)

    def __init__(self) -> None:
        self.rendering: object | None = None
        """The main thread's rendering. Code that raises into it clears this first."""


RUNNING = Running()
