"""What a model is asked and what it answers, in no provider's words. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Role = Literal["user", "assistant"]


@dataclass(frozen=True, slots=True)
class Part:
    """A text, or a file in base64 with its content type."""

    text: str = ""
    data: str = ""
    content_type: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    role: Role
    parts: Sequence[Part]

    @property
    def text(self) -> str:
        return "\n".join(part.text for part in self.parts if not part.data)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    model: str
    turns: Sequence[Turn]
    system: str = ""
    temperature: float | None = None
    top_k: int | None = None
    top_p: float | None = None
    seed: int | None = None
    max_tokens: int | None = None
    json: bool = False
    schema: Mapping[str, Any] | None = None
    schema_description: str | None = None
    strict: bool = False
    thinks: bool | None = None
    thinking_tokens: int | None = None
    shows_thinking: bool = False
    more: Mapping[str, Any] = field(default_factory=dict)
    """Fields of the request in the provider's own words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    text: str
    finish: str
    """STOP, LENGTH, TOOL_EXECUTION, CONTENT_FILTER or OTHER."""
    input_tokens: int | None = None
    output_tokens: int | None = None
    total_tokens: int | None = None
    thinking: str | None = None
    raw: Any = None

    def usage(self) -> dict[str, Any]:
        return {
            "inputTokenCount": self.input_tokens,
            "outputTokenCount": self.output_tokens,
            "totalTokenCount": self.total_tokens,
        }


@dataclass(frozen=True, slots=True)
class Vectors:
    vectors: Sequence[Sequence[float]]
    tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Wire:
    """A request of a protocol: what comes after the provider's address, and the JSON to send."""

    path: str
    body: Mapping[str, Any]


class BadAnswer(ValueError):
    """The provider's answer is not as its protocol says. The text says why."""


def known(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def numbers(found: Any) -> list[float]:
    """Raise BadAnswer if it is no vector."""
    if not isinstance(found, list) or not all(isinstance(each, int | float) for each in found) or not found:
        raise BadAnswer("an embedding is missing in the answer")
    return [float(each) for each in found]
