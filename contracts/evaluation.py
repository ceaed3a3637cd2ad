"""Questions of the executor to a worker: templates that only a worker can render, and their results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

import msgspec

from contracts.scalars import JsonValue

Form: TypeAlias = Literal["text", "truth", "value", "stored", "encrypted"]
"""``text``: as rendered. ``truth``: only whether that text is true, so that what a condition compares stays in the worker.
``value``: what the expression gives, as JSON. ``stored``: the URI of a file in internal storage that has the rendered text.
``encrypted``: the text, encrypted, or null if it is empty; the text stays in the worker."""
ANSWER_BYTES = 200 * 1024
"""The limit for all answers to one attempt. They travel within its outcome."""


class Question(msgspec.Struct, frozen=True, array_like=True):
    template: str
    form: Form = "text"
    sight: str = ""
    """Tells apart questions with the same template and other variables."""


class Answer(msgspec.Struct, frozen=True, array_like=True):
    value: JsonValue = None
    error: str = ""
    """Not empty: it could not be rendered, for this reason."""


def all_failed(questions: Sequence[Question], reason: str) -> list[Answer]:
    """Return the answers to questions that no worker could look at."""
    return [Answer(error=reason) for _ in questions]
