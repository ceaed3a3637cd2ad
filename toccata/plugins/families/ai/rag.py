"""``ai.rag.*``: answers from documents."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, model_validator

from toccata.plugin import NO_OPTIONS, HttpOptions, Properties, TaskType, dynamic, static
from toccata.plugins.families.ai.chat import ChatOutputs, Configuration
from toccata.plugins.families.ai.provider import PREFIX, Provider

_RUN = "toccata.plugins.families.ai.run.rag"
_STORES = tuple(f"{PREFIX}{package}.embeddings.KestraKVStore" for package in ("ai", "langchain4j"))


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


class Store(Properties):
    """Where embeddings are kept: `io.kestra.plugin.ai.embeddings.KestraKVStore`, one value of the flow's namespace."""

    type: str = static(doc="the store")
    kv_name: str | None = static(None, doc="key of the value; default: `{{ flow.id }}-embedding-store`")

    @model_validator(mode="after")
    def _there(self) -> Store:
        if self.type not in _STORES:
            raise ValueError(f"there is no store `{self.type}` here. There is `{_STORES[0]}`")
        return self


class Document(Properties):
    """A text."""

    content: str = static(doc="the text")
    metadata: dict[str, Any] = static({}, doc="what it is")


class Splitter(Properties):
    """How documents are cut into segments."""

    splitter: Annotated[
        Literal["RECURSIVE", "PARAGRAPH", "LINE", "SENTENCE", "WORD"], BeforeValidator(_upper)
    ] = static("RECURSIVE", doc="where they are cut; RECURSIVE cuts as little as it can")
    max_segment_size_in_chars: int = static(doc="most characters of a segment", ge=1)
    max_overlap_size_in_chars: int = static(
        doc="most characters that a segment repeats of the one before", ge=0
    )

    @model_validator(mode="after")
    def _smaller(self) -> Splitter:
        if self.max_overlap_size_in_chars >= self.max_segment_size_in_chars:
            raise ValueError("`maxOverlapSizeInChars` must be less than `maxSegmentSizeInChars`")
        return self


class Ingest(Properties):
    """Makes embeddings of documents and keeps them. Without `documentSplitter`, each document is one segment."""

    provider: Provider = dynamic(doc="who makes the embeddings")
    embeddings: Store = dynamic(doc="where they are kept")
    from_path: str | None = dynamic(None, doc="a folder in the working directory: all files below it")
    from_internal_uris: list[str] | None = dynamic(
        None, doc="files of internal storage", alias="fromInternalURIs"
    )
    from_external_urls: list[str] | None = dynamic(
        None, doc="addresses, whose answers are taken as text", alias="fromExternalURLs"
    )
    from_documents: list[Document] | None = dynamic(None, doc="texts")
    metadata: dict[str, str] | None = dynamic(None, doc="metadata of all documents")
    document_splitter: Splitter | None = dynamic(None, doc="cuts documents into segments")
    drop: bool = dynamic(default=False, doc="true: the store is emptied first")
    bulk_size: int = dynamic(500, doc="accepted for other stores; this one is written at once", ge=1)
    options: HttpOptions = dynamic(NO_OPTIONS, doc="how requests are sent")


class IngestOutputs(BaseModel):
    ingestedDocuments: int  # noqa: N815 - the name of the output
    """How many documents, before they were cut."""
    inputTokenCount: int | None  # noqa: N815
    """What the embeddings cost, if the provider says so."""
    totalTokenCount: int | None  # noqa: N815
    embeddingStoreOutputs: dict[str, str]  # noqa: N815
    """`kvName`: the key of the value."""


class Retrieval(Properties):
    """How many segments are taken."""

    max_results: int = static(3, doc="how many at most", ge=1)
    min_score: float = static(0.0, doc="how near they must be, from 0 to 1", ge=0, le=1)


class RagChat(Properties):
    """Answers a question from the segments of a store that are nearest to it."""

    prompt: str = dynamic(doc="the question", min_length=1)
    system_message: str | None = dynamic(None, doc="what the model is told first")
    chat_provider: Provider = dynamic(doc="who answers")
    embedding_provider: Provider | None = dynamic(
        None, doc="who made the embeddings; default: `chatProvider`"
    )
    embeddings: Store = dynamic(doc="where the embeddings are")
    chat_configuration: Configuration = dynamic(Configuration(), doc="how the model answers")
    content_retriever_configuration: Retrieval = dynamic(Retrieval(), doc="how many segments are taken")
    options: HttpOptions = dynamic(NO_OPTIONS, doc="how requests are sent")


class RagOutputs(ChatOutputs):
    sources: list[dict[str, Any]]
    """The segments that were taken: `content` and `metadata`."""
    completion: str | None
    """The same as `textOutput`."""


class Search(Properties):
    """Gives the segments of a store that are nearest to a text."""

    query: str = dynamic(doc="the text", min_length=1)
    max_results: Annotated[int, Field(ge=1)] = dynamic(doc="how many at most")
    min_score: Annotated[float, Field(ge=0, le=1)] = dynamic(doc="how near they must be, from 0 to 1")
    provider: Provider = dynamic(doc="who made the embeddings")
    embeddings: Store = dynamic(doc="where they are")
    fetch_type: Annotated[Literal["STORE", "FETCH", "FETCH_ONE", "NONE"], BeforeValidator(_upper)] = dynamic(
        "NONE", doc="where the segments go: a file, the outputs, only the nearest one, or nowhere"
    )
    options: HttpOptions = dynamic(NO_OPTIONS, doc="how requests are sent")


class SearchOutputs(BaseModel):
    results: list[str] | None
    """The segments, with FETCH and FETCH_ONE."""
    uri: str | None
    """A file with a segment a line, with STORE."""
    size: int
    """How many there are."""


_BASE = "  baseUrl: https://generativelanguage.googleapis.com\n"
_KEY = "  apiKey: \"{{ secret('GEMINI') }}\"\n"
_EMBEDDING = f"  type: {PREFIX}ai.provider.GoogleGemini\n  modelName: gemini-embedding-001\n{_KEY}{_BASE}"
_CHAT = f"  type: {PREFIX}ai.provider.GoogleGemini\n  modelName: gemini-2.5-flash\n{_KEY}{_BASE}"
_STORE = f"embeddings:\n  type: {PREFIX}ai.embeddings.KestraKVStore\n"

INGEST = TaskType(
    name=f"{PREFIX}ai.rag.IngestDocument",
    title="Make embeddings of documents",
    properties=Ingest,
    run=f"{_RUN}:ingest",
    outputs=IngestOutputs,
    aliases=(f"{PREFIX}langchain4j.rag.IngestDocument",),
    examples=(
        (
            f"id: ingest\ntype: {PREFIX}ai.rag.IngestDocument\nprovider:\n{_EMBEDDING}{_STORE}drop: true\n"
            "fromDocuments:\n  - content: Kafka keeps records in order within a partition.\n"
        ),
    ),
)
CHAT = TaskType(
    name=f"{PREFIX}ai.rag.ChatCompletion",
    title="Answer a question from documents",
    properties=RagChat,
    run=f"{_RUN}:chat",
    outputs=RagOutputs,
    aliases=(f"{PREFIX}langchain4j.rag.ChatCompletion",),
    examples=(
        (
            f"id: answer\ntype: {PREFIX}ai.rag.ChatCompletion\nchatProvider:\n{_CHAT}embeddingProvider:\n{_EMBEDDING}{_STORE}"
            "systemMessage: Answer from the documents alone.\nprompt: What does Kafka keep in order?\n"
        ),
    ),
)
SEARCH = TaskType(
    name=f"{PREFIX}ai.rag.Search",
    title="Find segments of documents",
    properties=Search,
    run=f"{_RUN}:search",
    outputs=SearchOutputs,
    aliases=(f"{PREFIX}langchain4j.rag.Search",),
    examples=(
        (
            f"id: find\ntype: {PREFIX}ai.rag.Search\nprovider:\n{_EMBEDDING}{_STORE}query: What is in order?\n"
            "maxResults: 2\nminScore: 0.5\nfetchType: FETCH\n"
        ),
    ),
)
