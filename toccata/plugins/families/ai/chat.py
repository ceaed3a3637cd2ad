"""``ai.completion.*``: questions to a model."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, model_validator

from toccata.plugin import NO_OPTIONS, HttpOptions, Properties, TaskType, dynamic, static
from toccata.plugins.families.ai.provider import PREFIX, Provider

_RUN = "toccata.plugins.families.ai.run.chat"


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


class Block(Properties):
    """A part of a message."""

    type: Annotated[Literal["TEXT", "IMAGE", "PDF"], BeforeValidator(_upper)] = static(
        "TEXT", doc="what it is"
    )
    text: str | None = static(None, doc="the text")
    uri: str | None = static(None, doc="a file of internal storage, for IMAGE and PDF")

    @model_validator(mode="after")
    def _complete(self) -> Block:
        if (self.text if self.type == "TEXT" else self.uri) is None:
            raise ValueError(f"`{'text' if self.type == 'TEXT' else 'uri'}` is needed for {self.type}")
        return self


class ChatMessage(Properties):
    """One message."""

    type: Annotated[Literal["SYSTEM", "AI", "USER"], BeforeValidator(_upper)] = static(doc="who says it")
    content: str | None = static(None, doc="the text")
    content_blocks: list[Block] | None = static(None, doc="parts, in place of the text")

    @model_validator(mode="after")
    def _complete(self) -> ChatMessage:
        if (self.content is None) == (not self.content_blocks):
            raise ValueError("exactly one of `content` and `contentBlocks` is needed")
        return self


class ResponseFormat(Properties):
    """What the answer is."""

    type: Annotated[Literal["TEXT", "JSON"], BeforeValidator(_upper)] = static("TEXT", doc="text or JSON")
    json_schema: dict[str, Any] | None = static(None, doc="JSON Schema of the answer")
    json_schema_description: str | None = static(None, doc="what the answer means")
    strict_json: bool = static(default=False, doc="true: the provider holds the answer to the schema")

    @model_validator(mode="after")
    def _fits(self) -> ResponseFormat:
        if self.type == "TEXT" and (self.json_schema is not None or self.strict_json):
            raise ValueError("`jsonSchema` and `strictJson` need `type: JSON`")
        return self


class Configuration(Properties):
    """How the model answers."""

    temperature: float | None = static(None, doc="how freely, from 0 to 2", ge=0, le=2)
    top_k: int | None = static(None, doc="among how many next tokens it chooses", ge=1)
    top_p: float | None = static(None, doc="among next tokens of which probability it chooses", ge=0, le=1)
    seed: int | None = static(None, doc="the same seed gives similar answers")
    max_token: int | None = static(None, doc="most tokens of the answer", ge=1)
    response_format: ResponseFormat = static(ResponseFormat(), doc="text or JSON")
    thinking_enabled: bool | None = static(None, doc="whether the model thinks first")
    thinking_budget_tokens: int | None = static(None, doc="most tokens of thinking", ge=0)
    return_thinking: bool | None = static(None, doc="whether its thinking is an output")
    log_requests: bool = static(default=False, doc="whether requests are logged")
    log_responses: bool = static(default=False, doc="whether answers are logged")


class Asking(Properties):
    provider: Provider = dynamic(doc="who answers")
    configuration: Configuration = dynamic(Configuration(), doc="how the model answers")
    options: HttpOptions = dynamic(NO_OPTIONS, doc="how the request is sent: limits of time, proxy, retries")


class ChatCompletion(Asking):
    """Sends messages to a model, and gives its answer."""

    messages: list[ChatMessage] = dynamic(
        doc="the talk so far. One SYSTEM at most; the last one is of the USER", min_length=1
    )

    @model_validator(mode="after")
    def _ordered(self) -> ChatCompletion:
        if sum(each.type == "SYSTEM" for each in self.messages) > 1:
            raise ValueError("`messages` may have one SYSTEM message at most")
        if self.messages[-1].type != "USER":
            raise ValueError("the last of `messages` must be of the USER")
        return self


class TokenUsage(BaseModel):
    inputTokenCount: int | None  # noqa: N815 - the name of the output
    outputTokenCount: int | None  # noqa: N815
    totalTokenCount: int | None  # noqa: N815


class ChatOutputs(BaseModel):
    textOutput: str | None  # noqa: N815 - the name of the output
    """The answer. Null if it is JSON."""
    jsonOutput: Any  # noqa: N815
    """The answer as a value, with `responseFormat.type: JSON`."""
    tokenUsage: TokenUsage  # noqa: N815
    """What it cost."""
    finishReason: str  # noqa: N815
    """STOP, LENGTH, CONTENT_FILTER, TOOL_EXECUTION or OTHER."""
    requestDuration: int  # noqa: N815
    """Milliseconds."""
    thinking: str | None
    """With `returnThinking`."""


class Classification(Asking):
    """Lets a model choose one of several classes for a text."""

    classes: list[str] = dynamic(doc="the classes", min_length=1)
    prompt: str | None = dynamic(None, doc="the text")
    content_blocks: list[Block] | None = dynamic(None, doc="parts, in place of the text")
    system_message: str = dynamic(
        "Answer with exactly one of these classes, and nothing else: {classes}",
        doc="what the model is told; `{classes}` stands for the classes",
    )


class ClassificationOutputs(BaseModel):
    classification: str
    """The class."""
    tokenUsage: TokenUsage  # noqa: N815 - the name of the output
    finishReason: str  # noqa: N815


class Extraction(Asking):
    """Lets a model find values in a text."""

    schema_name: str = dynamic(doc="what is found, such as `Person`")
    json_fields: list[str] = dynamic(doc="names of the values", min_length=1)
    prompt: str | None = dynamic(None, doc="the text")
    content_blocks: list[Block] | None = dynamic(None, doc="parts, in place of the text")
    system_message: str = dynamic(
        "Find these fields in the text, and answer with a JSON object of {schema} that has exactly them: {fields}",
        doc="what the model is told; `{schema}` and `{fields}` are filled in",
    )


class ExtractionOutputs(BaseModel):
    schemaName: str  # noqa: N815 - the name of the output
    extractedJson: str  # noqa: N815
    """JSON text."""
    tokenUsage: TokenUsage  # noqa: N815
    finishReason: str  # noqa: N815


_GEMINI = f"""\
provider:
  type: {PREFIX}ai.provider.GoogleGemini
  modelName: gemini-2.5-flash
  apiKey: "{{{{ secret('GEMINI') }}}}"
  baseUrl: https://generativelanguage.googleapis.com
"""
CHAT_COMPLETION = TaskType(
    name=f"{PREFIX}ai.completion.ChatCompletion",
    title="Ask a model",
    properties=ChatCompletion,
    run=f"{_RUN}:chat",
    outputs=ChatOutputs,
    aliases=(f"{PREFIX}langchain4j.ChatCompletion", f"{PREFIX}langchain4j.completion.ChatCompletion"),
    examples=(
        f"id: ask\ntype: {PREFIX}ai.completion.ChatCompletion\n{_GEMINI}messages:\n  - type: USER\n    content: What is Kafka?\n",
    ),
)
CLASSIFICATION = TaskType(
    name=f"{PREFIX}ai.completion.Classification",
    title="Let a model classify a text",
    properties=Classification,
    run=f"{_RUN}:classify",
    outputs=ClassificationOutputs,
    aliases=(f"{PREFIX}langchain4j.Classification", f"{PREFIX}langchain4j.completion.Classification"),
    examples=(
        f"id: mood\ntype: {PREFIX}ai.completion.Classification\n{_GEMINI}prompt: I am happy\nclasses: [positive, negative]\n",
    ),
)
EXTRACTION = TaskType(
    name=f"{PREFIX}ai.completion.JSONStructuredExtraction",
    title="Let a model find values in a text",
    properties=Extraction,
    run=f"{_RUN}:extract",
    outputs=ExtractionOutputs,
    aliases=(
        f"{PREFIX}langchain4j.JSONStructuredExtraction",
        f"{PREFIX}langchain4j.completion.JSONStructuredExtraction",
    ),
    examples=(
        f"id: person\ntype: {PREFIX}ai.completion.JSONStructuredExtraction\n{_GEMINI}schemaName: Person\njsonFields: [name, city]\nprompt: Ann lives in Oslo\n",
    ),
)
