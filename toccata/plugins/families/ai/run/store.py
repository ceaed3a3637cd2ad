"""Embeddings in one value of the namespace, in the form of LangChain4j's store in memory, as Kestra keeps them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from toccata.plugin import KeyMissing, RunContext, TaskFailed, read_json


@dataclass(frozen=True, slots=True)
class Segment:
    id: str
    vector: Sequence[float]
    text: str
    metadata: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Near:
    segment: Segment
    score: float
    """From 0 to 1."""


def key_of(run: RunContext, given: str | None) -> str:
    return given or f"{(run.variables.get('flow') or {}).get('id', 'flow')}-embedding-store"


async def loaded(run: RunContext, key: str) -> list[Segment]:
    """Nothing if there is no value. Raise TaskFailed for one of another form."""
    try:
        value = await run.values.get(key)
    except KeyMissing:
        return []
    try:
        content = read_json(value) if isinstance(value, str) else value
        return [_segment(entry) for entry in content["entries"]]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise TaskFailed(f"the value `{key}` holds no embeddings: {type(error).__name__}: {error}") from None


def _segment(entry: Any) -> Segment:
    embedded = entry.get("embedded") or {}
    metadata = embedded.get("metadata") or {}
    return Segment(
        str(entry["id"]),
        [float(each) for each in entry["embedding"]["vector"]],
        str(embedded.get("text", "")),
        metadata.get("metadata", metadata),
    )


async def kept(run: RunContext, key: str, segments: Sequence[Segment]) -> None:
    entries = [
        {
            "id": each.id,
            "embedding": {"vector": list(each.vector)},
            "embedded": {"text": each.text, "metadata": {"metadata": dict(each.metadata)}},
        }
        for each in segments
    ]
    await run.values.set(key, {"entries": entries}, kind="JSON", description="embeddings")


def new(vector: Sequence[float], text: str, metadata: Mapping[str, Any]) -> Segment:
    return Segment(str(uuid4()), vector, text, metadata)


def nearest(segments: Sequence[Segment], vector: Sequence[float], most: int, least: float) -> list[Near]:
    """By the cosine of the angle, the nearest first. Raise TaskFailed if the vectors are of different models."""
    scored = [Near(each, _score(each.vector, vector)) for each in segments]
    scored.sort(key=lambda each: -each.score)
    return [each for each in scored[:most] if each.score >= least]


def _score(one: Sequence[float], other: Sequence[float]) -> float:
    if len(one) != len(other):
        raise TaskFailed(
            f"the store has vectors of {len(one)} numbers, and the question one of {len(other)}: use the model that made the store"
        )
    lengths = math.sqrt(math.fsum(x * x for x in one) * math.fsum(x * x for x in other))
    cosine = math.fsum(x * y for x, y in zip(one, other, strict=True)) / lengths if lengths else 0.0
    return (1 + max(-1.0, min(1.0, cosine))) / 2
