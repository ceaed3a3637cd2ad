"""Decides whether a flow may be stored, and what its author should know. The command line, the API and the page all use this
function, so they give the same text for the same mistake."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from contracts.language.flow.catalog import Catalog
from contracts.language.flow.model import Flow
from contracts.language.flow.parse import ParsedFlow, parse_flow
from contracts.language.flow.violation import Violation, message_of
from contracts.language.yaml_text.document import PlainValue


@dataclass(frozen=True, slots=True)
class Validation:
    parsed: ParsedFlow

    @property
    def flow(self) -> Flow | None:
        """The flow. None exactly if it is refused."""
        return self.parsed.flow

    @property
    def errors(self) -> tuple[Violation, ...]:
        return _in_order(self.parsed.errors)

    @property
    def remarks(self) -> tuple[Violation, ...]:
        """Warnings and deprecations, which refuse nothing."""
        return _in_order((*self.parsed.warnings, *self.parsed.deprecations))

    @property
    def refusal(self) -> str:
        """All errors as one text in Kestra's form. Empty if there are none."""
        return message_of(self.parsed.errors)

    @property
    def written(self) -> dict[str, PlainValue]:
        """The top level as written. Empty if it is not a map."""
        value = self.parsed.document.value if self.parsed.document is not None else None
        return value if isinstance(value, dict) else {}

    def lines(self, place: Callable[[int, int], str] | None = None) -> list[str]:
        """Return one line for each finding, errors first. ``place`` formats line and column if they are not those of the source."""
        return [
            each.one_line(place(each.line, each.column) if place is not None else "")
            for each in (*self.errors, *self.remarks)
        ]

    def as_data(self) -> list[dict[str, object]]:
        return [each.as_data() for each in (*self.errors, *self.remarks)]


def validate(source: str, catalog: Catalog) -> Validation:
    """Validate a flow. Never raises."""
    return Validation(parse_flow(source, catalog))


def _in_order(found: tuple[Violation, ...]) -> tuple[Violation, ...]:
    """By place. What has none comes last."""
    return tuple(sorted(found, key=lambda each: (not each.line, each.line, each.column)))
