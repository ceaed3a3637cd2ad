"""Runs the tasks of OpenAI besides chats."""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Iterator, Mapping
from mimetypes import guess_type
from typing import Any

from toccata.plugin import (
    FilePart,
    HttpRequest,
    Multipart,
    NotJson,
    Outputs,
    RunContext,
    StorageRefused,
    TaskFailed,
    TextPart,
    read_json,
    stored,
    write_json,
)
from toccata.plugins.families.ai import openai as declared
from toccata.plugins.families.ai.run.ask import known
from toccata.plugins.families.ai.run.call import patient

_ADDRESS = "https://api.openai.com/v1"
_PIXELS = {"SMALL": "256x256", "MEDIUM": "512x512", "LARGE": "1024x1024"}
_GIVES_ADDRESSES = "dall-e"
"""How the models begin that give addresses of images. The others give images."""
_PICTURES = ("image/png", "image/jpeg", "image/webp", "image/gif")
MOST_PICTURE_BYTES = 20 * 1024 * 1024
MOST_ANSWER_BYTES = 64 * 1024 * 1024
"""Images come in base64, up to ten at once."""


async def responses(task: declared.Responses, run: RunContext) -> Outputs:
    prompt = known({"id": task.prompt_id, "variables": task.prompt_variables}) if task.prompt_id else None
    choice = task.tool_choice or ("AUTO" if task.tools else None)
    body = known(
        {
            "model": task.model,
            "input": await _input(run, task.input),
            "store": task.store,
            "text": task.text,
            "tools": task.tools,
            "tool_choice": choice.lower() if choice else None,
            "previous_response_id": task.previous_response_id or None,
            "prompt": prompt,
            "reasoning": task.reasoning,
            "max_output_tokens": task.max_output_tokens,
            "temperature": task.temperature,
            "top_p": task.top_p,
            "parallel_tool_calls": task.parallel_tool_calls,
            "user": task.user,
        }
    )
    raw = await _posted(task, run, "/responses", body)
    usage = raw.get("usage") or {}
    for name, key in (("prompt", "input_tokens"), ("completion", "output_tokens"), ("total", "total_tokens")):
        if key in usage:
            run.metric("counter", f"usage.{name}.tokens", usage[key])
    texts, sources = [], []
    for item in raw.get("output") or []:
        if item.get("type") == "function_call":
            texts.append(item.get("arguments") or "")
        parts = list(_said(item))
        if parts:
            texts.append("\n".join(part.get("text") or "" for part in parts))
        sources += [
            note["url"] for part in parts for note in part.get("annotations") or () if note.get("url")
        ]
    return {
        "responseId": raw.get("id"),
        "outputText": "\n".join(texts),
        "sources": sources,
        "rawResponse": raw,
    }


def _said(item: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for part in item.get("content") or ():
        if part.get("type") == "output_text":
            yield part


async def _input(run: RunContext, value: Any) -> Any:
    """A text, or messages, whose files of internal storage are sent along."""
    if isinstance(value, str) and value.strip().startswith("[") and value.strip().endswith("]"):
        try:
            value = read_json(value)
        except NotJson:
            return value
    if not isinstance(value, list):
        return value
    return [await _message(run, each) for each in value]


async def _message(run: RunContext, message: Any) -> Any:
    if not isinstance(message, Mapping) or not isinstance(message.get("content"), list):
        return message
    return {**message, "content": [await _part(run, part) for part in message["content"]]}


async def _part(run: RunContext, part: Any) -> Any:
    url = part.get("image_url") if isinstance(part, Mapping) else None
    if not isinstance(url, str) or not url.startswith("kestra:///"):
        return part
    kind = part.get("mimeType") or guess_type(url)[0]
    if kind not in _PICTURES:
        raise TaskFailed(
            f"input: `{url}` is no picture that OpenAI takes: give its `mimeType`, one of {', '.join(_PICTURES)}"
        )
    try:
        if await run.storage.size(url) > MOST_PICTURE_BYTES:
            raise TaskFailed(f"input: `{url}` has more than {MOST_PICTURE_BYTES:,} bytes")
        content = await run.storage.get(url)
    except StorageRefused as error:
        raise TaskFailed(f"input: {error}") from None
    rest = {name: value for name, value in part.items() if name != "mimeType"}
    return {"detail": "auto", **rest, "image_url": f"data:{kind};base64,{b64encode(content).decode()}"}


async def create_image(task: declared.CreateImage, run: RunContext) -> Outputs:
    body = known(
        {
            "prompt": task.prompt,
            "model": task.model,
            "size": _PIXELS[task.size],
            "n": task.n,
            "quality": task.quality.lower() if task.quality else None,
            "user": task.user,
        }
    )
    if task.model.startswith(_GIVES_ADDRESSES):
        body["response_format"] = "b64_json" if task.download else "url"
    raw = await _posted(task, run, "/images/generations", body)
    return {"images": [await _image(run, each) for each in raw.get("data") or []]}


async def _image(run: RunContext, given: Mapping[str, Any]) -> str:
    if given.get("url"):
        return str(given["url"])
    try:
        return await stored(run, b64decode(given["b64_json"], validate=True), ".png")
    except (KeyError, NotBase64, TypeError):
        raise TaskFailed("OpenAI answers without an image: `data` has neither `url` nor `b64_json`") from None


async def upload_file(task: declared.UploadFile, run: RunContext) -> Outputs:
    name = task.from_.rpartition("/")[2]
    form = Multipart([TextPart("purpose", task.purpose), FilePart("file", name, task.from_)], run.storage)
    try:
        length = await form.length()
    except StorageRefused as error:
        raise TaskFailed(f"from: {error}") from None
    request = HttpRequest(
        "POST", _address(task, "/files"), _sign_in(task), {}, form, form.content_type, length
    )
    return {"fileId": (await _answer(task, run, request)).get("id")}


async def _posted(
    task: declared.OpenAiTask, run: RunContext, path: str, body: Mapping[str, Any]
) -> dict[str, Any]:
    request = HttpRequest(
        "POST", _address(task, path), _sign_in(task), {}, write_json(body), "application/json"
    )
    return await _answer(task, run, request)


async def _answer(task: declared.OpenAiTask, run: RunContext, request: HttpRequest) -> dict[str, Any]:
    async with run.http(patient(task.options)) as http, http.send(request) as answer:
        content = await answer.read(MOST_ANSWER_BYTES)
    try:
        found = read_json(content)
    except NotJson as error:
        raise TaskFailed(f"OpenAI does not answer as its protocol says: this is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise TaskFailed("OpenAI does not answer as its protocol says: the answer is no object")
    return found


def _address(task: declared.OpenAiTask, path: str) -> str:
    return (task.base_url or _ADDRESS).rstrip("/") + path


def _sign_in(task: declared.OpenAiTask) -> dict[str, str]:
    return {"Authorization": f"Bearer {task.api_key.get_secret_value()}"}
