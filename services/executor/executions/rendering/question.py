"""What only a worker can render, and the answers that it gave. The executor calls nothing outside, and reads no file.

A rendering that needs a worker raises AnswerNeeded before anything is noted. Whoever decides then asks, and waits. When the answer
has come, it decides once more from the beginning, and this time the same rendering finds its answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from contracts.codec import encode
from contracts.evaluation import Answer, Question
from contracts.language.encrypted import reads_encrypted
from contracts.language.expression.template import Template
from contracts.language.types.behaviour import RenderingFailed
from contracts.scalars import JsonObject
from contracts.work import OutputReference
from services.executor.executions.state import Execution

VARIABLES_BYTES = 450_000
"""The limit for the variables of one evaluation, which travel within other records."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Templates with everything that a worker needs to render them."""

    questions: tuple[Question, ...]
    variables: JsonObject
    references: list[OutputReference] = field(default_factory=list)

    @property
    def size(self) -> int:
        return len(encode(self.variables)) + len(encode(self.questions))


class AnswerNeeded(Exception):
    """Only a worker can render these templates. Nothing was noted yet."""

    def __init__(self, asked: Asked) -> None:
        super().__init__()
        size = asked.size
        if size > VARIABLES_BYTES:
            raise RenderingFailed(
                f"The values that these expressions refer to are too large to be sent to a worker: {size:,} bytes, "
                f"but the limit is {VARIABLES_BYTES:,}"
            )
        self.asked = asked


def answer_to(execution: Execution, task_run_id: str, question: Question) -> Answer | None:
    """Return the answer to this question of a run (empty: of the flow), if it has come."""
    evaluation = execution.evaluations.get(task_run_id) if execution.evaluations else None
    return evaluation.answers.get(question) if evaluation is not None else None


def sight_of(variables: object) -> str:
    """Return a digest of the variables that tell apart questions with the same template."""
    return blake2b(encode(variables), digest_size=8).hexdigest()


def value_of(answer: Answer) -> Any:
    """Raises RenderingFailed if there is none."""
    if answer.error:
        raise RenderingFailed(answer.error)
    return answer.value


def needs_decryption(template: Template, variables: Mapping[str, Any]) -> bool:
    """Return whether the template may read something encrypted. Only a worker can decrypt it."""
    return template.whole or reads_encrypted(template.paths, variables)


def reads_any(template: Template, references: Iterable[OutputReference]) -> bool:
    """Return whether the template may read an output that is in storage."""
    tasks = {reference.path[1] for reference in references}
    if not tasks or template.whole:
        return bool(tasks)
    return any(path[0] == "outputs" and (len(path) == 1 or path[1] in tasks) for path in template.paths)


def merged(parts: Sequence[AnswerNeeded]) -> tuple[Question, ...]:
    """Return the questions of all parts, each once."""
    return tuple(dict.fromkeys(question for part in parts for question in part.asked.questions))
