"""Regular expressions that choose files by their names, as flows write them: Java's, matched as a whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.pattern import SECONDS, compile_regex
from toccata.kit.failure import TaskFailed

NameFilter: TypeAlias = Callable[[str], bool]


def name_filter(pattern: str | None, what: str) -> NameFilter:
    """Return a function that says whether a name is wanted. Without a pattern all are. ``what`` is the property, for errors.

    Raise TaskFailed for a broken pattern; the function raises it for one that takes too long."""
    if pattern is None:
        return lambda name: True
    try:
        compiled = compile_regex(pattern)
    except ExpressionError as error:
        raise TaskFailed(f"{what}: {error}") from None

    def is_wanted(name: str) -> bool:
        try:
            return compiled.fullmatch(name, timeout=SECONDS) is not None
        except TimeoutError:
            raise TaskFailed(
                f"{what}: the regular expression `{pattern}` takes more than {SECONDS:.0f} s on `{name:.200}`"
            ) from None

    return is_wanted
