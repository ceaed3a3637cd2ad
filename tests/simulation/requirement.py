"""What the simulation says when an invariant does not hold."""

from __future__ import annotations


class Broken(AssertionError):
    """An invariant does not hold. The test's message has the seed."""


def require(condition: bool, what: str) -> None:
    if not condition:
        raise Broken(what)
