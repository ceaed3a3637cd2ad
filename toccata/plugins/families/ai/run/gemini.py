"""Google's protocol. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from toccata.plugins.families.ai.run.ask import (
    Ask,
    BadAnswer,
    Part,
    Said,
    Turn,
    Vectors,
    Wire,
    known,
    numbers,
)

MOST_TEXTS = 100
"""Of one request for embeddings."""
_FINISH = {"STOP": "STOP", "MAX_TOKENS": "LENGTH"}
_REFUSED = frozenset({"SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "LANGUAGE"})


def headers(key: str) -> dict[str, str]:
    return {"x-goog-api-key": key}


def asked(ask: Ask) -> Wire:
    thinking = known(
        {
            "thinkingBudget": 0 if ask.thinks is False else ask.thinking_tokens,
            "includeThoughts": True if ask.shows_thinking else None,
        }
    )
    settings = known(
        {
            "temperature": ask.temperature,
            "topK": ask.top_k,
            "topP": ask.top_p,
            "seed": ask.seed,
            "maxOutputTokens": ask.max_tokens,
            "responseMimeType": "application/json" if ask.json else None,
            "responseJsonSchema": ask.schema,
            "thinkingConfig": thinking or None,
        }
    )
    body = known(
        {
            "contents": [_turn(turn) for turn in ask.turns],
            "systemInstruction": {"parts": [{"text": ask.system}]} if ask.system else None,
            "generationConfig": settings or None,
        }
    )
    return Wire(f"/v1beta/{_model(ask.model)}:generateContent", {**body, **ask.more})


def _model(name: str) -> str:
    return quote(name if "/" in name else f"models/{name}")


def _turn(turn: Turn) -> dict[str, Any]:
    return {
        "role": "model" if turn.role == "assistant" else "user",
        "parts": [_part(part) for part in turn.parts],
    }


def _part(part: Part) -> dict[str, Any]:
    return (
        {"inlineData": {"mimeType": part.content_type, "data": part.data}}
        if part.data
        else {"text": part.text}
    )


def said(answer: Any) -> Said:
    candidates = answer.get("candidates") or []
    usage = answer.get("usageMetadata") or {}
    blocked = (answer.get("promptFeedback") or {}).get("blockReason")
    if not candidates and not blocked:
        raise BadAnswer("there are no `candidates` in the answer")
    first: Mapping[str, Any] = candidates[0] if candidates else {"finishReason": "SAFETY"}
    parts = (first.get("content") or {}).get("parts") or []
    reason = str(first.get("finishReason", "STOP"))
    thoughts = "".join(part.get("text", "") for part in parts if part.get("thought"))
    return Said(
        text="".join(part.get("text", "") for part in parts if not part.get("thought")),
        finish="CONTENT_FILTER" if reason in _REFUSED else _FINISH.get(reason, "OTHER"),
        input_tokens=usage.get("promptTokenCount"),
        output_tokens=usage.get("candidatesTokenCount"),
        total_tokens=usage.get("totalTokenCount"),
        thinking=thoughts or None,
        raw=answer,
    )


def embedded(model: str, texts: Sequence[str]) -> Wire:
    requests = [{"model": _model(model), "content": {"parts": [{"text": text}]}} for text in texts]
    return Wire(f"/v1beta/{_model(model)}:batchEmbedContents", {"requests": requests})


def vectors(answer: Any) -> Vectors:
    return Vectors([numbers(each.get("values")) for each in answer.get("embeddings") or []])
