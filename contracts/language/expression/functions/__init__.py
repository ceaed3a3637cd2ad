"""All pure functions by name. Functions that call something outside are in ``impure``."""

from __future__ import annotations

from collections.abc import Mapping

from contracts.language.expression.functions.calendar import CALENDAR
from contracts.language.expression.functions.holiday import HOLIDAY
from contracts.language.expression.functions.rendering import RENDERING
from contracts.language.expression.functions.run import RUN
from contracts.language.expression.functions.value import VALUE
from contracts.language.expression.vocabulary import Word

FUNCTIONS: Mapping[str, Word] = RENDERING | VALUE | CALENDAR | HOLIDAY | RUN
