"""Tasks of single providers: chats with outputs in the provider's words."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator

from toccata.plugin import NO_OPTIONS, HttpOptions, Properties, Secret, TaskType, dynamic, static
from toccata.plugins.families.ai.provider import PREFIX

_RUN = "toccata.plugins.families.ai.run.vendor"


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


class Vendor(Properties):
    api_key: Secret = dynamic(doc="the key")
    options: HttpOptions = dynamic(NO_OPTIONS, doc="how the request is sent: limits of time, proxy, retries")


class Said(Properties):
    """One message."""

    type: Annotated[Literal["SYSTEM", "ASSISTANT", "AI", "USER"], BeforeValidator(_upper)] = static(
        doc="who says it"
    )
    content: str = static(doc="the text")


class RoleSaid(Properties):
    """One message."""

    role: Annotated[str, BeforeValidator(_lower)] = static(
        "user", doc="who says it: system, user or assistant"
    )
    content: str = static(doc="the text")
    name: str | None = static(None, doc="name of who says it")


class OpenAi(Vendor):
    """Asks a model of OpenAI, and gives its answer in OpenAI's words."""

    model: str = dynamic(doc="the model")
    messages: list[RoleSaid] | None = dynamic(None, doc="the talk so far")
    prompt: str | None = dynamic(None, doc="the question, after `messages`")
    user: str | None = dynamic(None, doc="who asks, for OpenAI's records")
    temperature: float = dynamic(1.0, doc="how freely it answers, from 0 to 2", ge=0, le=2)
    top_p: float | None = dynamic(None, doc="among next tokens of which probability it chooses")
    n: int = dynamic(1, doc="how many answers", ge=1, le=128)
    stop: list[str] | None = dynamic(None, doc="texts at which it stops", max_length=4)
    max_tokens: int | None = dynamic(None, doc="most tokens of an answer", ge=1)
    presence_penalty: float | None = dynamic(
        None, doc="how much it avoids words that stand there", ge=-2, le=2
    )
    frequency_penalty: float | None = dynamic(
        None, doc="how much it avoids words that stand there often", ge=-2, le=2
    )
    logit_bias: dict[str, int] | None = dynamic(None, doc="tokens and how much they are wanted")
    json_response_schema: str | None = dynamic(None, doc="JSON Schema of the answer, as text")
    client_timeout: int | None = static(None, doc="old limit of time, in seconds; use `options.timeout`")
    base_url: str | None = dynamic(None, doc="address in place of https://api.openai.com/v1")


class OpenAiOutputs(BaseModel):
    id: str
    """Of the answer."""
    object: str
    """What OpenAI calls it."""
    model: str
    """Which model answered."""
    choices: list[dict[str, Any]]
    """The answers; the text is `choices[0].message.content`."""
    usage: dict[str, Any]
    """What it cost."""


class GeminiText(Vendor):
    """Asks a model of Google."""

    model: str = dynamic(doc="the model")
    prompt: str = dynamic(doc="the question")
    base_url: str | None = dynamic(None, doc="address in place of https://generativelanguage.googleapis.com")


class GeminiChat(Vendor):
    """Sends messages to a model of Google."""

    model: str = dynamic(doc="the model")
    messages: list[Said] = dynamic(doc="the talk so far", min_length=1)
    base_url: str | None = dynamic(None, doc="address in place of https://generativelanguage.googleapis.com")


class GeminiStructured(GeminiText):
    """Asks a model of Google for JSON."""

    json_response_schema: str = dynamic(doc="JSON Schema of the answer, as text")


class Predictions(BaseModel):
    predictions: list[Any]
    """The answers: objects with `content` and `safetyRatings`, or JSON texts."""


class AnthropicChat(Vendor):
    """Sends messages to a model of Anthropic."""

    model: str = dynamic(doc="the model")
    messages: list[Said] = dynamic(doc="the talk so far", min_length=1)
    max_tokens: int = dynamic(1024, doc="most tokens of the answer", ge=1)
    temperature: float | None = dynamic(None, doc="how freely it answers, from 0 to 1", ge=0, le=1)
    top_p: float | None = dynamic(None, doc="among next tokens of which probability it chooses")
    top_k: int | None = dynamic(None, doc="among how many next tokens it chooses")
    system: str | None = dynamic(None, doc="what the model is told first")
    base_url: str | None = dynamic(None, doc="address in place of https://api.anthropic.com")


class AnthropicOutputs(BaseModel):
    outputText: str  # noqa: N815 - the name of the output
    """The answer."""
    rawResponse: str  # noqa: N815
    """All that Anthropic answers, as JSON text."""
    stopReason: str | None  # noqa: N815
    """Why it stopped, in Anthropic's words."""


class ModelChat(Vendor):
    """Sends messages to a model."""

    model_name: str = dynamic(doc="the model")
    messages: list[Said] = dynamic(doc="the talk so far", min_length=1)
    base_url: str | None = dynamic(None, doc="address in place of the provider's own")
    json_response_schema: str | None = dynamic(None, doc="JSON Schema of the answer, as text")


class ModelOutputs(BaseModel):
    response: str
    """The answer."""
    raw: str
    """All that the provider answers, as JSON text."""


class Perplexity(Vendor):
    """Sends messages to a model of Perplexity, which searches the web."""

    model: str = dynamic(doc="the model")
    messages: list[Said] = dynamic(doc="the talk so far", min_length=1)
    temperature: float = dynamic(0.2, doc="how freely it answers", ge=0, lt=2)
    top_p: float = dynamic(0.9, doc="among next tokens of which probability it chooses")
    top_k: int = dynamic(0, doc="among how many next tokens it chooses; 0: all")
    stream: bool = static(default=False, doc="accepted; the answer is always taken as a whole")
    presence_penalty: float = dynamic(0.0, doc="how much it avoids words that stand there", ge=-2, le=2)
    frequency_penalty: float = dynamic(0.0, doc="how much it avoids words that stand there often")
    max_tokens: int | None = dynamic(None, doc="most tokens of the answer", ge=1)
    json_response_schema: str | None = dynamic(None, doc="JSON Schema of the answer, as text")
    base_url: str | None = dynamic(None, doc="address in place of https://api.perplexity.ai")


class PerplexityOutputs(BaseModel):
    outputText: str  # noqa: N815 - the name of the output
    """The answer."""
    rawResponse: str  # noqa: N815
    """All that Perplexity answers, as JSON text."""


def _type(
    name: str, properties: type[Properties], outputs: type[BaseModel], example: str, function: str
) -> TaskType:
    text = f"id: ask\ntype: {PREFIX}{name}\napiKey: \"{{{{ secret('AI') }}}}\"\nbaseUrl: https://ai.example.com\n{example}"
    return TaskType(
        name=PREFIX + name,
        title=f"Ask a model of {name.partition('.')[0].capitalize()}",
        properties=properties,
        run=f"{_RUN}:{function}",
        outputs=outputs,
        examples=(text,),
    )


_MESSAGES = "messages:\n  - type: USER\n    content: What is Kafka?\n"
_SCHEMA = 'jsonResponseSchema: \'{"type": "object"}\'\n'
OPENAI = _type(
    "openai.ChatCompletion", OpenAi, OpenAiOutputs, "model: gpt-5\nprompt: What is Kafka?\n", "openai_chat"
)
GEMINI_TEXT = _type(
    "gemini.TextCompletion",
    GeminiText,
    Predictions,
    "model: gemini-2.5-flash\nprompt: What is Kafka?\n",
    "gemini_text",
)
GEMINI_CHAT = _type(
    "gemini.ChatCompletion", GeminiChat, Predictions, f"model: gemini-2.5-flash\n{_MESSAGES}", "gemini_chat"
)
GEMINI_STRUCTURED = _type(
    "gemini.StructuredOutputCompletion",
    GeminiStructured,
    Predictions,
    f"model: gemini-2.5-flash\nprompt: Name a city\n{_SCHEMA}",
    "gemini_structured",
)
ANTHROPIC = _type(
    "anthropic.ChatCompletion",
    AnthropicChat,
    AnthropicOutputs,
    f"model: claude-sonnet-4-5\n{_MESSAGES}",
    "anthropic_chat",
)
MISTRAL = _type(
    "mistral.ChatCompletion",
    ModelChat,
    ModelOutputs,
    f"modelName: mistral-small-latest\n{_MESSAGES}",
    "mistral_chat",
)
DEEPSEEK = _type(
    "deepseek.ChatCompletion",
    ModelChat,
    ModelOutputs,
    f"modelName: deepseek-chat\n{_MESSAGES}",
    "deepseek_chat",
)
PERPLEXITY = _type(
    "perplexity.ChatCompletion",
    Perplexity,
    PerplexityOutputs,
    f"model: sonar\n{_MESSAGES}",
    "perplexity_chat",
)
