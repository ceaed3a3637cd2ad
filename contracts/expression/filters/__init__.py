"""All filters by name (flow-language 9.10)."""

from __future__ import annotations

from collections.abc import Mapping

from contracts.expression.filters.collection import COLLECTION
from contracts.expression.filters.encoding import ENCODING
from contracts.expression.filters.number import NUMBER
from contracts.expression.filters.text import TEXT
from contracts.expression.filters.time import TIME
from contracts.expression.vocabulary import Word

FILTERS: Mapping[str, Word] = TEXT | COLLECTION | ENCODING | NUMBER | TIME
