"""Runs the tasks of single providers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from toccata.plugin import NotJson, Outputs, RunContext, TaskFailed, read_json, write_json
from toccata.plugins.families.ai import vendor as declared
from toccata.plugins.families.ai.provider import Provider, named
from toccata.plugins.families.ai.run.ask import Ask, Part, Said, Turn, known
from toccata.plugins.families.ai.run.call import ask


async def openai_chat(task: declared.OpenAi, run: RunContext) -> Outputs:
    said = list(task.messages or ())
    if task.prompt:
        said.append(declared.RoleSaid(role="user", content=task.prompt))
    if not said:
        raise TaskFailed("`prompt` or `messages` is needed")
    more = known(
        {
            "messages": [known(each.model_dump()) for each in said],
            "user": task.user,
            "n": task.n,
            "stop": task.stop,
            "presence_penalty": task.presence_penalty,
            "frequency_penalty": task.frequency_penalty,
            "logit_bias": task.logit_bias,
        }
    )
    asked = Ask(
        model=task.model,
        turns=(),
        temperature=task.temperature,
        top_p=task.top_p,
        max_tokens=task.max_tokens,
        **_schema(task.json_response_schema),
        more=more,
    )
    raw = (await _ask(run, task, named("OpenAI", task.model, _key(task), task.base_url), asked)).raw
    return {name: raw.get(name) for name in ("id", "object", "model", "choices", "usage")}


async def gemini_text(task: declared.GeminiText, run: RunContext) -> Outputs:
    asked = Ask(model=task.model, turns=[Turn("user", [Part(task.prompt)])])
    return {"predictions": _predictions(await _ask(run, task, _gemini(task), asked))}


async def gemini_chat(task: declared.GeminiChat, run: RunContext) -> Outputs:
    turns, system = _turns(task.messages)
    said = await _ask(run, task, _gemini(task), Ask(model=task.model, turns=turns, system=system))
    return {"predictions": _predictions(said)}


async def gemini_structured(task: declared.GeminiStructured, run: RunContext) -> Outputs:
    turns = [Turn("user", [Part(task.prompt)])]
    said = await _ask(
        run, task, _gemini(task), Ask(model=task.model, turns=turns, **_schema(task.json_response_schema))
    )
    return {"predictions": [said.text]}


def _gemini(task: declared.GeminiText | declared.GeminiChat) -> Provider:
    return named("GoogleGemini", task.model, _key(task), task.base_url)


def _predictions(said: Said) -> list[dict[str, Any]]:
    return [
        known(
            {
                "content": "".join(
                    part.get("text", "") for part in (each.get("content") or {}).get("parts") or []
                ),
                "safetyRatings": each.get("safetyRatings"),
                "citationMetadata": each.get("citationMetadata"),
            }
        )
        for each in said.raw.get("candidates") or []
    ]


async def anthropic_chat(task: declared.AnthropicChat, run: RunContext) -> Outputs:
    turns, system = _turns(task.messages)
    asked = Ask(
        model=task.model,
        turns=turns,
        system=task.system or system,
        max_tokens=task.max_tokens,
        temperature=task.temperature,
        top_p=task.top_p,
        top_k=task.top_k,
    )
    said = await _ask(run, task, named("Anthropic", task.model, _key(task), task.base_url), asked)
    return {"outputText": said.text, "rawResponse": _text(said), "stopReason": said.raw.get("stop_reason")}


async def mistral_chat(task: declared.ModelChat, run: RunContext) -> Outputs:
    return await _model_chat(task, run, "MistralAI")


async def deepseek_chat(task: declared.ModelChat, run: RunContext) -> Outputs:
    return await _model_chat(task, run, "DeepSeek")


async def _model_chat(task: declared.ModelChat, run: RunContext, name: str) -> Outputs:
    turns, system = _turns(task.messages)
    asked = Ask(model=task.model_name, turns=turns, system=system, **_schema(task.json_response_schema))
    said = await _ask(run, task, named(name, task.model_name, _key(task), task.base_url), asked)
    return {"response": said.text, "raw": _text(said)}


async def perplexity_chat(task: declared.Perplexity, run: RunContext) -> Outputs:
    turns, system = _turns(task.messages)
    asked = Ask(
        model=task.model,
        turns=turns,
        system=system,
        temperature=task.temperature,
        top_p=task.top_p,
        top_k=task.top_k,
        max_tokens=task.max_tokens,
        **_schema(task.json_response_schema),
        more={"presence_penalty": task.presence_penalty, "frequency_penalty": task.frequency_penalty},
    )
    address = task.base_url or "https://api.perplexity.ai"
    said = await _ask(run, task, named("OpenAI", task.model, _key(task), address), asked)
    return {"outputText": said.text, "rawResponse": _text(said)}


async def _ask(run: RunContext, task: declared.Vendor, provider: Provider, asked: Ask) -> Said:
    return await ask(run, provider, task.options, asked)


def _turns(messages: Sequence[declared.Said]) -> tuple[list[Turn], str]:
    turns = [
        Turn("user" if each.type == "USER" else "assistant", [Part(each.content)])
        for each in messages
        if each.type != "SYSTEM"
    ]
    return turns, "\n\n".join(each.content for each in messages if each.type == "SYSTEM")


def _schema(text: str | None) -> Mapping[str, Any]:
    if not text:
        return {}
    try:
        return {"json": True, "schema": read_json(text)}
    except NotJson as error:
        raise TaskFailed(f"jsonResponseSchema: this is no JSON: {error}") from None


def _key(task: declared.Vendor) -> str:
    return task.api_key.get_secret_value()


def _text(said: Said) -> str:
    return write_json(said.raw).decode()
