"""Collects the findings while a flow is read, each with its place: violations, warnings, deprecations. Knows no field of a flow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from contracts.language.expression.impure import WORKER_FUNCTIONS
from contracts.language.flow.schema import Model, kind_name, validated
from contracts.language.flow.template_check import condition_violations, template_violations
from contracts.language.flow.violation import Path, Violation, path_steps, path_text
from contracts.language.nearest import Guesses
from contracts.language.yaml_text.document import Document


@dataclass(slots=True)
class Findings:
    document: Document
    checks_expressions: bool
    """Not for flows that were validated when they were stored."""
    errors: list[Violation] = field(default_factory=list)
    warnings: list[Violation] = field(default_factory=list)
    deprecations: list[Violation] = field(default_factory=list)
    guesses: Guesses = field(default_factory=Guesses)

    def report(self, violation: Violation) -> None:
        if violation.line == 0:
            steps = path_steps(violation.path)
            at_key = violation.kind in ("structure", "warning")
            find = self.document.key_position if at_key else self.document.position
            line, column = find(steps)
            violation = replace(violation, line=line, column=column)
        others = {"warning": self.warnings, "deprecation": self.deprecations}
        others.get(violation.kind, self.errors).append(violation)

    def refuse(self, message: str, path: Path, value: object = None, suggestion: str = "") -> None:
        self.report(Violation(message, path_text(path), value=value, suggestion=suggestion))

    def invalid_type(self, name: object, path: Path, suggestion: str = "") -> None:
        line, column = self.document.position(path)
        message = f"Invalid type: {name}"
        self.report(Violation(message, path_text(path), line, column, name, "structure", suggestion))

    def deprecate(self, path: Path, message: str) -> None:
        self.report(Violation(message, path_text(path), kind="deprecation"))

    def check_expressions(
        self, value: object, path: Path, supplied: frozenset[str] = WORKER_FUNCTIONS
    ) -> None:
        """Report expressions in the value that do not compile. Warn of functions that will not be available."""
        if self.checks_expressions:
            for violation in template_violations(value, path, self.document, supplied):
                self.report(violation)

    def check_condition(self, value: object, path: Path, supplied: frozenset[str]) -> None:
        """Do the same for a trigger's condition, which is an expression even without braces."""
        if self.checks_expressions and isinstance(value, str):
            for violation in condition_violations(value, path, self.document, supplied):
                self.report(violation)

    def warn(self, message: str, path: Path, suggestion: str = "") -> None:
        self.report(Violation(message, path_text(path), kind="warning", suggestion=suggestion))

    def validated(self, model: type[Model], value: Mapping[str, object], path: Path) -> Model | None:
        """Return the model, or None after reporting all errors in the value."""
        read, problems = validated(model, value, path, self.guesses)
        for problem in problems:
            self.report(problem)
        return read

    def objects(self, value: object, path: Path) -> Iterator[tuple[Path, dict[str, object]]]:
        """Yield the maps of a list, each with its path. Refuse anything else in it."""
        if value is None:
            return
        if not isinstance(value, list):
            self.refuse(f"must be a list, not {kind_name(value)}", path, value)
            return
        for index, each in enumerate(value):
            if isinstance(each, dict):
                yield (*path, index), each
            else:
                self.refuse(f"must be a map, not {kind_name(each)}", (*path, index), each)
