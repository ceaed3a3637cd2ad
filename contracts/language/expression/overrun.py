"""Which rendering runs now: what a service must know to end one that would never end.

Steps and sizes are limited, yet one step may take for ever: a regular expression that backtracks, a list that holds itself a
million times. Only a signal gets in between. This module knows neither signals nor clocks; ``toccata.runtime.rendering_limit`` does.
"""

from __future__ import annotations


class Running:
    __slots__ = ("rendering",)

    def __init__(self) -> None:
        self.rendering: object | None = None
        """Of the main thread; whoever raises into it clears this first."""


RUNNING = Running()
