"""Ollama's protocol. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from toccata.plugins.families.ai.run.ask import Ask, BadAnswer, Said, Turn, Vectors, Wire, known, numbers

MOST_TEXTS = 100
"""Of one request for embeddings."""


def headers(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"} if key else {}


def asked(ask: Ask) -> Wire:
    system = [{"role": "system", "content": ask.system}] if ask.system else []
    settings = known(
        {
            "temperature": ask.temperature,
            "top_k": ask.top_k,
            "top_p": ask.top_p,
            "seed": ask.seed,
            "num_predict": ask.max_tokens,
        }
    )
    body = known(
        {
            "model": ask.model,
            "messages": [*system, *(_turn(turn) for turn in ask.turns)],
            "stream": False,
            "format": (ask.schema or "json") if ask.json else None,
            "think": ask.thinks,
            "options": settings or None,
        }
    )
    return Wire("/api/chat", {**body, **ask.more})


def _turn(turn: Turn) -> dict[str, Any]:
    images = [part.data for part in turn.parts if part.data]
    return known({"role": turn.role, "content": turn.text, "images": images or None})


def said(answer: Any) -> Said:
    message = answer.get("message")
    if not isinstance(message, dict):
        raise BadAnswer("there is no `message` in the answer")
    taken, given = answer.get("prompt_eval_count"), answer.get("eval_count")
    return Said(
        text=message.get("content") or "",
        finish="LENGTH" if answer.get("done_reason") == "length" else "STOP",
        input_tokens=taken,
        output_tokens=given,
        total_tokens=None if taken is None or given is None else taken + given,
        thinking=message.get("thinking"),
        raw=answer,
    )


def embedded(model: str, texts: Sequence[str]) -> Wire:
    return Wire("/api/embed", {"model": model, "input": list(texts)})


def vectors(answer: Any) -> Vectors:
    return Vectors(
        [numbers(each) for each in answer.get("embeddings") or []], answer.get("prompt_eval_count")
    )
