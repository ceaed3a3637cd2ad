"""All filters by name."""

from __future__ import annotations

from collections.abc import Mapping

from contracts.language.expression.filters.collection import COLLECTION
from contracts.language.expression.filters.encoding import ENCODING
from contracts.language.expression.filters.number import NUMBER
from contracts.language.expression.filters.text import TEXT
from contracts.language.expression.filters.time import TIME
from contracts.language.expression.vocabulary import Word

FILTERS: Mapping[str, Word] = TEXT | COLLECTION | ENCODING | NUMBER | TIME
