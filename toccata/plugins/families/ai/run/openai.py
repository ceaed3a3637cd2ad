"""OpenAI's protocol, which most providers speak. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

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

MOST_TEXTS = 256
"""Of one request for embeddings."""
_FINISH = {
    "stop": "STOP",
    "length": "LENGTH",
    "tool_calls": "TOOL_EXECUTION",
    "function_call": "TOOL_EXECUTION",
    "content_filter": "CONTENT_FILTER",
}


def headers(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}", "api-key": key} if key else {}


def asked(ask: Ask) -> Wire:
    system = [{"role": "system", "content": ask.system}] if ask.system else []
    body = known(
        {
            "model": ask.model,
            "messages": [*system, *(_turn(turn) for turn in ask.turns)],
            "temperature": ask.temperature,
            "top_k": ask.top_k,
            "top_p": ask.top_p,
            "seed": ask.seed,
            "max_tokens": ask.max_tokens,
            "response_format": _format(ask) if ask.json else None,
        }
    )
    return Wire("/chat/completions", {**body, **ask.more})


def _format(ask: Ask) -> dict[str, Any]:
    if ask.schema is None:
        return {"type": "json_object"}
    schema = {
        "name": "answer",
        "schema": ask.schema,
        "strict": ask.strict,
        "description": ask.schema_description,
    }
    return {"type": "json_schema", "json_schema": known(schema)}


def _turn(turn: Turn) -> dict[str, Any]:
    plain = all(not part.data for part in turn.parts)
    return {"role": turn.role, "content": turn.text if plain else [_part(part) for part in turn.parts]}


def _part(part: Part) -> dict[str, Any]:
    if not part.data:
        return {"type": "text", "text": part.text}
    address = f"data:{part.content_type};base64,{part.data}"
    if part.content_type == "application/pdf":
        return {"type": "file", "file": {"filename": "file.pdf", "file_data": address}}
    return {"type": "image_url", "image_url": {"url": address}}


def said(answer: Any) -> Said:
    choices = answer.get("choices") or []
    if not choices:
        raise BadAnswer("there are no `choices` in the answer")
    message, usage = choices[0].get("message") or {}, answer.get("usage") or {}
    return Said(
        text=message.get("content") or "",
        finish=_FINISH.get(str(choices[0].get("finish_reason") or "stop"), "OTHER"),
        input_tokens=usage.get("prompt_tokens"),
        output_tokens=usage.get("completion_tokens"),
        total_tokens=usage.get("total_tokens"),
        thinking=message.get("reasoning_content") or message.get("reasoning"),
        raw=answer,
    )


def embedded(model: str, texts: Sequence[str]) -> Wire:
    return Wire("/embeddings", {"model": model, "input": list(texts)})


def vectors(answer: Any) -> Vectors:
    found = sorted(answer.get("data") or [], key=lambda each: each.get("index", 0))
    return Vectors(
        [numbers(each.get("embedding")) for each in found], (answer.get("usage") or {}).get("total_tokens")
    )
