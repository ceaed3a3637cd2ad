"""What was found while a flow is read: violations at their places, deprecations. Knows no field of a flow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from contracts.language.flow.document import Document
from contracts.language.flow.schema import Model, kind_name, validated
from contracts.language.flow.template_check import syntax_violations
from contracts.language.flow.violation import Deprecation, Path, Violation, path_steps, path_text


@dataclass(slots=True)
class Findings:
    document: Document
    checks_expressions: bool
    """Not for flows that were validated when they were stored."""
    errors: list[Violation] = field(default_factory=list)
    deprecations: list[Deprecation] = field(default_factory=list)

    def report(self, violation: Violation) -> None:
        if violation.line == 0:
            steps = path_steps(violation.path)
            find = self.document.key_position if violation.kind == "structure" else self.document.position
            line, column = find(steps)
            violation = replace(violation, line=line, column=column)
        self.errors.append(violation)

    def refuse(self, message: str, path: Path, value: object = None) -> None:
        self.report(Violation(message, path_text(path), value=value))

    def invalid_type(self, name: object, path: Path) -> None:
        line, column = self.document.position(path)
        self.report(Violation(f"Invalid type: {name}", path_text(path), line, column, name, "structure"))

    def deprecate(self, path: Path, message: str) -> None:
        self.deprecations.append(Deprecation(path_text(path), message))

    def check_expressions(self, value: object, path: Path) -> None:
        """Reports those in the value that do not compile."""
        if self.checks_expressions:
            for violation in syntax_violations(value, path, self.document):
                self.report(violation)

    def validated(self, model: type[Model], value: Mapping[str, object], path: Path) -> Model | None:
        """The model, or None and everything that keeps the value from being one is reported."""
        read, problems = validated(model, value, path)
        for problem in problems:
            self.report(problem)
        return read

    def objects(self, value: object, path: Path) -> Iterator[tuple[Path, dict[str, object]]]:
        """The maps of a list, each with its path; whatever else is there is refused."""
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
