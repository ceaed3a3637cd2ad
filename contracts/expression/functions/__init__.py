"""All pure functions by name (flow-language 9.9). Those that call something outside are in ``impure``."""

from __future__ import annotations

from collections.abc import Mapping

from contracts.expression.functions.calendar import CALENDAR
from contracts.expression.functions.rendering import RENDERING
from contracts.expression.functions.run import RUN
from contracts.expression.functions.value import VALUE
from contracts.expression.vocabulary import Word

FUNCTIONS: Mapping[str, Word] = RENDERING | VALUE | CALENDAR | RUN
