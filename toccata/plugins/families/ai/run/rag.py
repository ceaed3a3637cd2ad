"""Runs ``ai.rag.*``."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from toccata.plugin import (
    HttpOptions,
    HttpRequest,
    Outputs,
    RunContext,
    StorageRefused,
    TaskFailed,
    stored,
    write_json,
)
from toccata.plugins.families.ai import rag as declared
from toccata.plugins.families.ai.chat import Asking
from toccata.plugins.families.ai.provider import Provider
from toccata.plugins.families.ai.run import store
from toccata.plugins.families.ai.run.ask import Part, Turn
from toccata.plugins.families.ai.run.call import embed
from toccata.plugins.families.ai.run.chat import answered
from toccata.plugins.families.ai.run.split import segments

_FROM_HERE = "\n\nAnswer using the following information:\n"


@dataclass(frozen=True, slots=True)
class Text:
    content: str
    metadata: Mapping[str, Any]


async def ingest(task: declared.Ingest, run: RunContext) -> Outputs:
    documents = [text for text in await _documents(task, run) if text.content.strip()]
    if not documents:
        raise TaskFailed(
            "there is no document: name some with fromDocuments, fromInternalURIs, fromExternalURLs or fromPath"
        )
    pieces = [piece for text in documents for piece in _pieces(text, task.document_splitter)]
    vectors = await embed(run, task.provider, task.options, [piece.content for piece in pieces])
    key = store.key_of(run, task.embeddings.kv_name)
    before = [] if task.drop else await store.loaded(run, key)
    added = [
        store.new(v, piece.content, piece.metadata) for v, piece in zip(vectors.vectors, pieces, strict=True)
    ]
    await store.kept(run, key, [*before, *added])
    run.metric("counter", "indexed.documents", len(documents))
    run.metric("counter", "ai.embedding.store.calls", 1)
    return {
        "ingestedDocuments": len(documents),
        "inputTokenCount": vectors.tokens,
        "totalTokenCount": vectors.tokens,
        "embeddingStoreOutputs": {"kvName": key},
    }


def _pieces(text: Text, splitter: declared.Splitter | None) -> list[Text]:
    if splitter is None:
        return [text]
    how, most = splitter.splitter, splitter.max_segment_size_in_chars
    found = segments(text.content, how, most, splitter.max_overlap_size_in_chars)
    return [Text(each, {**text.metadata, "index": str(index)}) for index, each in enumerate(found)]


async def _documents(task: declared.Ingest, run: RunContext) -> list[Text]:
    common = task.metadata or {}
    found = [Text(each.content, {**common, **each.metadata}) for each in task.from_documents or ()]
    found += [Text(await _file(run, uri), {**common, "uri": uri}) for uri in task.from_internal_uris or ()]
    pages = task.from_external_urls or ()
    found += [Text(await _page(run, task.options, url), {**common, "url": url}) for url in pages]
    if task.from_path is not None:
        found += [
            Text(content, {**common, "file_name": name})
            for name, content in await _folder(run, task.from_path)
        ]
    return found


async def _file(run: RunContext, uri: str) -> str:
    try:
        return _text(uri, await run.storage.get(uri))
    except StorageRefused as error:
        raise TaskFailed(f"fromInternalURIs: {error}") from None


async def _page(run: RunContext, options: HttpOptions, address: str) -> str:
    async with run.http(options) as http, http.send(HttpRequest("GET", address)) as answer:
        return await answer.text()


async def _folder(run: RunContext, path: str) -> list[tuple[str, str]]:
    root = await run.directory()
    folder = (root / path).resolve()
    if not folder.is_relative_to(root.resolve()):
        raise TaskFailed(f"fromPath: `{path}` leads out of the working directory")

    def read() -> list[tuple[str, str]]:
        files = sorted(each for each in folder.rglob("*") if each.is_file())
        return [(str(each.relative_to(folder)), _text(str(each), each.read_bytes())) for each in files]

    found = await asyncio.to_thread(read)
    if not found:
        raise TaskFailed(f"fromPath: there is no file below `{path}` in the working directory")
    return found


def _text(name: str, content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise TaskFailed(f"`{name}` is no text in UTF-8") from None


async def chat(task: declared.RagChat, run: RunContext) -> Outputs:
    how = task.content_retriever_configuration
    provider = task.embedding_provider or task.chat_provider
    taken = await _nearest(run, provider, task, task.prompt, how.max_results, how.min_score)
    told = "\n\n".join(each.segment.text for each in taken)
    prompt = task.prompt + (_FROM_HERE + told if told else "")
    asking = Asking.model_construct(
        provider=task.chat_provider, configuration=task.chat_configuration, options=task.options
    )
    outputs = await answered(run, asking, [Turn("user", [Part(prompt)])], task.system_message or "")
    sources = [{"content": each.segment.text, "metadata": dict(each.segment.metadata)} for each in taken]
    return {**outputs, "sources": sources, "completion": outputs["textOutput"]}


async def search(task: declared.Search, run: RunContext) -> Outputs:
    taken = await _nearest(run, task.provider, task, task.query, task.max_results, task.min_score)
    texts = [each.segment.text for each in taken]
    match task.fetch_type:
        case "FETCH":
            return {"results": texts, "size": len(texts)}
        case "FETCH_ONE":
            return {"results": texts[:1], "size": len(texts[:1])}
        case "STORE":
            lines = b"".join(write_json(text) + b"\n" for text in texts)
            return {"uri": await stored(run, lines, ".ion"), "size": len(texts)}
        case "NONE":
            return {"size": len(texts)}


async def _nearest(  # noqa: PLR0913 - what a search is
    run: RunContext,
    provider: Provider,
    task: declared.RagChat | declared.Search,
    text: str,
    most: int,
    least: float,
) -> Sequence[store.Near]:
    key = store.key_of(run, task.embeddings.kv_name)
    held = await store.loaded(run, key)
    run.metric("counter", "ai.embedding.store.calls", 1)
    if not held:
        run.log("WARN", f"the store `{key}` is empty: fill it with {INGEST}")
        return []
    vectors = await embed(run, provider, task.options, [text])
    return await asyncio.to_thread(store.nearest, held, vectors.vectors[0], most, least)


INGEST = declared.INGEST.name
