"""Runs ``ai.completion.*``."""

from __future__ import annotations

import mimetypes
import time
from base64 import b64encode
from collections.abc import Sequence
from typing import Any

from toccata.plugin import (
    NotJson,
    Outputs,
    RunContext,
    StorageRefused,
    TaskFailed,
    read_json,
    write_json,
)
from toccata.plugins.families.ai import chat as declared
from toccata.plugins.families.ai.run.ask import Ask, Part, Said, Turn
from toccata.plugins.families.ai.run.call import ask

MOST_FILE_BYTES = 20 * 1024 * 1024


async def chat(task: declared.ChatCompletion, run: RunContext) -> Outputs:
    system = next((each for each in task.messages if each.type == "SYSTEM"), None)
    turns = [
        Turn(
            "assistant" if each.type == "AI" else "user",
            await parts_of(run, each.content, each.content_blocks),
        )
        for each in task.messages
        if each.type != "SYSTEM"
    ]
    told = (
        "\n".join(part.text for part in await parts_of(run, system.content, system.content_blocks))
        if system
        else ""
    )
    return await answered(run, task, turns, told)


async def answered(
    run: RunContext, task: declared.Asking, turns: Sequence[Turn], system: str
) -> dict[str, object]:
    """Ask, and give the outputs that all chats have."""
    began = time.monotonic()
    said = await _asked(run, task, turns, system)
    form = task.configuration.response_format
    value = _json(said) if form.type == "JSON" else None
    return {
        "textOutput": None if form.type == "JSON" else said.text,
        "jsonOutput": value,
        "tokenUsage": said.usage(),
        "finishReason": said.finish,
        "requestDuration": round((time.monotonic() - began) * 1000),
        "thinking": said.thinking if task.configuration.return_thinking else None,
    }


async def _asked(run: RunContext, task: declared.Asking, turns: Sequence[Turn], system: str) -> Said:
    asked = ask_of(task, turns, system)
    if task.configuration.log_requests:
        run.log("INFO", "\n".join(filter(None, (system, *(turn.text for turn in turns)))))
    said = await ask(run, task.provider, task.options, asked)
    if task.configuration.log_responses:
        run.log("INFO", said.text)
    if said.finish == "CONTENT_FILTER" and not said.text:
        raise TaskFailed(f"{task.provider.type} refuses to answer this (finish reason CONTENT_FILTER)")
    return said


def ask_of(task: declared.Asking, turns: Sequence[Turn], system: str) -> Ask:
    how = task.configuration
    form = how.response_format
    if form.type == "JSON" and task.provider.kind.protocol == "anthropic":
        shape = f" of this JSON Schema: {write_json(form.json_schema).decode()}" if form.json_schema else ""
        system = "\n\n".join(
            filter(None, (system, f"Answer with JSON{shape} and nothing else, without Markdown."))
        )
    return Ask(
        model=task.provider.model_name,
        turns=turns,
        system=system,
        temperature=how.temperature,
        top_k=how.top_k,
        top_p=how.top_p,
        seed=how.seed,
        max_tokens=how.max_token or task.provider.max_tokens,
        json=form.type == "JSON",
        schema=form.json_schema,
        schema_description=form.json_schema_description,
        strict=form.strict_json,
        thinks=how.thinking_enabled,
        thinking_tokens=how.thinking_budget_tokens,
        shows_thinking=bool(how.return_thinking),
    )


def _json(said: Said) -> object:
    text = said.text.strip().removeprefix("```json").removeprefix("```").removesuffix("```")
    try:
        return read_json(text)
    except NotJson as error:
        cut = " (it was cut off: raise `maxToken`)" if said.finish == "LENGTH" else ""
        raise TaskFailed(f"the model's answer is no JSON{cut}: {error}: {said.text[:500]}") from None


async def classify(task: declared.Classification, run: RunContext) -> Outputs:
    system = task.system_message.replace("{classes}", ", ".join(task.classes))
    parts = await parts_of(run, task.prompt, task.content_blocks)
    said = await _asked(run, task, [Turn("user", parts)], system)
    text = said.text.strip().strip(".\"'`").strip()
    found = next((each for each in task.classes if each.lower() == text.lower()), None)
    if found is None:
        raise TaskFailed(
            f"the model answers with none of the classes {', '.join(task.classes)}: {said.text[:500]}"
        )
    return {"classification": found, "tokenUsage": said.usage(), "finishReason": said.finish}


async def extract(task: declared.Extraction, run: RunContext) -> Outputs:
    fields: dict[str, Any] = {name: {} for name in task.json_fields}
    schema = {"type": "object", "title": task.schema_name, "properties": fields, "required": list(fields)}
    form = declared.ResponseFormat(type="JSON", json_schema=schema)
    asking = task.model_copy(
        update={"configuration": task.configuration.model_copy(update={"response_format": form})}
    )
    system = task.system_message.replace("{schema}", task.schema_name).replace("{fields}", ", ".join(fields))
    said = await _asked(
        run, asking, [Turn("user", await parts_of(run, task.prompt, task.content_blocks))], system
    )
    return {
        "schemaName": task.schema_name,
        "extractedJson": write_json(_json(said)).decode(),
        "tokenUsage": said.usage(),
        "finishReason": said.finish,
    }


async def parts_of(run: RunContext, text: str | None, blocks: Sequence[declared.Block] | None) -> list[Part]:
    if text is not None and not blocks:
        return [Part(text)]
    if not blocks or text is not None:
        raise TaskFailed("exactly one of a text and `contentBlocks` is needed")
    return [Part(each.text or "") if each.type == "TEXT" else await _file(run, each) for each in blocks]


async def _file(run: RunContext, block: declared.Block) -> Part:
    uri = block.uri or ""
    try:
        size = await run.storage.size(uri)
        if size > MOST_FILE_BYTES:
            raise TaskFailed(
                f"contentBlocks: `{uri}` has {size:,} bytes, but a model takes {MOST_FILE_BYTES:,}"
            )
        content = b64encode(await run.storage.get(uri)).decode()
    except StorageRefused as error:
        raise TaskFailed(f"contentBlocks: {error}") from None
    kind = "application/pdf" if block.type == "PDF" else mimetypes.guess_type(uri)[0] or "image/png"
    return Part(data=content, content_type=kind)
