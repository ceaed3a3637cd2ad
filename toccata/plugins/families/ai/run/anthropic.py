"""Anthropic's protocol. It has no embeddings. Pure."""

from __future__ import annotations

from typing import Any

from toccata.plugins.families.ai.run.ask import Ask, BadAnswer, Part, Said, Turn, Wire, known

_MOST_TOKENS = 1024
_FINISH = {
    "end_turn": "STOP",
    "stop_sequence": "STOP",
    "max_tokens": "LENGTH",
    "tool_use": "TOOL_EXECUTION",
    "refusal": "CONTENT_FILTER",
}


def headers(key: str) -> dict[str, str]:
    return {"x-api-key": key, "anthropic-version": "2023-06-01"}


def asked(ask: Ask) -> Wire:
    budget = ask.thinking_tokens or 1024
    body = known(
        {
            "model": ask.model,
            "messages": [_turn(turn) for turn in ask.turns],
            "system": ask.system or None,
            "max_tokens": ask.max_tokens or _MOST_TOKENS + (budget if ask.thinks else 0),
            "temperature": ask.temperature,
            "top_k": ask.top_k,
            "top_p": ask.top_p,
            "thinking": {"type": "enabled", "budget_tokens": budget} if ask.thinks else None,
        }
    )
    return Wire("/v1/messages", {**body, **ask.more})


def _turn(turn: Turn) -> dict[str, Any]:
    return {"role": turn.role, "content": [_part(part) for part in turn.parts]}


def _part(part: Part) -> dict[str, Any]:
    if not part.data:
        return {"type": "text", "text": part.text}
    kind = "document" if part.content_type == "application/pdf" else "image"
    return {"type": kind, "source": {"type": "base64", "media_type": part.content_type, "data": part.data}}


def said(answer: Any) -> Said:
    blocks, usage = answer.get("content"), answer.get("usage") or {}
    if not isinstance(blocks, list):
        raise BadAnswer("there is no `content` in the answer")
    taken, given = usage.get("input_tokens"), usage.get("output_tokens")
    return Said(
        text="".join(each.get("text", "") for each in blocks if each.get("type") == "text"),
        finish=_FINISH.get(str(answer.get("stop_reason") or "end_turn"), "OTHER"),
        input_tokens=taken,
        output_tokens=given,
        total_tokens=None if taken is None or given is None else taken + given,
        thinking="".join(each.get("thinking", "") for each in blocks) or None,
        raw=answer,
    )
