"""Sends a request to a provider, and reads what it answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from types import ModuleType
from typing import Any

from toccata.plugin import HttpOptions, HttpRequest, RunContext, TaskFailed, write_json
from toccata.plugins.families.ai.provider import Provider
from toccata.plugins.families.ai.run import anthropic, gemini, ollama, openai
from toccata.plugins.families.ai.run.ask import Ask, BadAnswer, Said, Vectors, Wire

_PROTOCOLS: dict[str, ModuleType] = {
    "gemini": gemini,
    "openai": openai,
    "anthropic": anthropic,
    "ollama": ollama,
}
_AZURE = "2024-10-21"
PATIENCE = timedelta(minutes=10)
"""A model may think for long before the first byte of its answer."""


async def ask(run: RunContext, provider: Provider, options: HttpOptions, asked: Ask) -> Said:
    protocol = _PROTOCOLS[provider.kind.protocol]
    answer = await _sent(run, provider, options, protocol.asked(asked))
    said: Said = _read(provider, protocol.said, answer)
    for name, count in (
        ("input", said.input_tokens),
        ("output", said.output_tokens),
        ("total", said.total_tokens),
    ):
        if count is not None:
            run.metric("counter", f"{name}.token.count", count)
    return said


async def embed(run: RunContext, provider: Provider, options: HttpOptions, texts: Sequence[str]) -> Vectors:
    """A vector for each text."""
    protocol = _PROTOCOLS[provider.kind.protocol]
    if not hasattr(protocol, "embedded"):
        raise TaskFailed(f"{provider.type} makes no embeddings: name another provider for them")
    found: list[Sequence[float]] = []
    tokens: int | None = None
    for at in range(0, len(texts), protocol.MOST_TEXTS):
        some = texts[at : at + protocol.MOST_TEXTS]
        answer = await _sent(run, provider, options, protocol.embedded(provider.model_name, some))
        vectors: Vectors = _read(provider, protocol.vectors, answer)
        if len(vectors.vectors) != len(some):
            raise TaskFailed(f"{provider.type} gives {len(vectors.vectors)} embeddings for {len(some)} texts")
        found.extend(vectors.vectors)
        tokens = tokens if vectors.tokens is None else (tokens or 0) + vectors.tokens
    return Vectors(found, tokens)


async def _sent(run: RunContext, provider: Provider, options: HttpOptions, wire: Wire) -> Any:
    headers = _PROTOCOLS[provider.kind.protocol].headers(provider.key)
    params = {}
    if provider.type.endswith(".AzureOpenAI"):
        params["api-version"] = provider.service_version or _AZURE
    request = HttpRequest(
        "POST", provider.url + wire.path, headers, params, write_json(wire.body), "application/json"
    )
    run.metric("counter", "ai.provider.calls", 1)
    async with run.http(patient(options)) as http, http.send(request) as answer:
        return await answer.json()


def patient(options: HttpOptions) -> HttpOptions:
    """With more patience, unless the flow says how much."""
    if options.timeout.model_fields_set:
        return options
    return options.model_copy(
        update={"timeout": options.timeout.model_copy(update={"read_idle_timeout": PATIENCE})}
    )


def _read(provider: Provider, reader: Any, answer: Any) -> Any:
    try:
        return reader(answer if isinstance(answer, dict) else {})
    except (BadAnswer, AttributeError, TypeError) as error:
        shown = write_json(answer).decode()[:500]
        raise TaskFailed(f"{provider.type} does not answer as its protocol says: {error}: {shown}") from None
