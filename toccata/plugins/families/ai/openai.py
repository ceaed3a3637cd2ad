"""Tasks of OpenAI besides chats: responses with tools, images, files."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator

from toccata.plugin import Properties, TaskType, dynamic, static
from toccata.plugins.families.ai.provider import PREFIX
from toccata.plugins.families.ai.vendor import Vendor

_RUN = "toccata.plugins.families.ai.run.openai_task"


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


class OpenAiTask(Vendor):
    user: str | None = dynamic(None, doc="who asks, for OpenAI's records")
    client_timeout: int | None = static(None, doc="old limit of time, in seconds; use `options.timeout`")
    base_url: str | None = dynamic(None, doc="address in place of https://api.openai.com/v1")


class Responses(OpenAiTask):
    """Asks a model of OpenAI over the interface that has tools, and keeps talks."""

    model: str = dynamic(doc="the model")
    input: Any = dynamic(
        doc="the question, or a list of messages with `role` and `content`. An `image_url` may name a file of internal storage, with "
        "its `mimeType` beside it"
    )
    store: bool = dynamic(default=True, doc="OpenAI keeps the talk")
    text: dict[str, Any] | None = dynamic(None, doc="format of the answer: `format: {type: json_schema, …}`")
    tools: list[dict[str, Any]] | None = dynamic(None, doc="tools that the model may use")
    tool_choice: Annotated[Literal["NONE", "AUTO", "REQUIRED"], BeforeValidator(_upper)] | None = dynamic(
        None, doc="whether it uses them"
    )
    previous_response_id: str | None = dynamic(None, doc="`responseId` of the talk that goes on")
    prompt_id: str | None = dynamic(None, doc="a prompt that is kept at OpenAI")
    prompt_variables: dict[str, str] | None = dynamic(None, doc="values of that prompt's variables")
    reasoning: dict[str, str] | None = dynamic(None, doc="how it thinks: `effort: low`")
    max_output_tokens: int | None = dynamic(None, doc="most tokens of the answer", ge=1)
    temperature: float | None = dynamic(1.0, doc="how freely it answers, from 0 to 2", ge=0, le=2)
    top_p: float | None = dynamic(None, doc="among next tokens of which probability it chooses", ge=0, le=1)
    parallel_tool_calls: bool | None = dynamic(None, doc="it may use several tools at once")
    prompt_caching: bool | None = dynamic(None, ignored="OpenAI does so by itself")


class ResponsesOutputs(BaseModel):
    responseId: str  # noqa: N815 - the name of the output
    """Of the talk."""
    outputText: str  # noqa: N815
    """The answer, or the arguments of the function that the model calls."""
    sources: list[str]
    """Addresses that the answer cites."""
    rawResponse: dict[str, Any]  # noqa: N815
    """All that OpenAI answers."""


class CreateImage(OpenAiTask):
    """Makes images from a text."""

    prompt: str = dynamic(doc="what the image shows")
    size: Annotated[Literal["SMALL", "MEDIUM", "LARGE"], BeforeValidator(_upper)] = dynamic(
        "LARGE", doc="256, 512 or 1024 pixels a side"
    )
    model: str = dynamic("gpt-image-1", doc="the model")
    download: bool = dynamic(
        default=False,
        doc="true: keep the images in internal storage. Models that give images and no addresses always do so",
    )
    n: int | None = static(None, doc="how many images", ge=1, le=10)
    quality: Annotated[Literal["AUTO", "LOW", "MEDIUM", "HIGH"], BeforeValidator(_upper)] | None = dynamic(
        None, doc="how much work it is worth"
    )


class ImageOutputs(BaseModel):
    images: list[str]
    """URIs of the images in internal storage, or addresses at OpenAI."""


class UploadFile(OpenAiTask):
    """Sends a file of internal storage to OpenAI, for other tasks."""

    from_: str = dynamic(doc="the file", alias="from")
    purpose: str = dynamic(doc="what it is for: `assistants`, `fine-tune`, `user_data`, …")


class FileOutputs(BaseModel):
    fileId: str  # noqa: N815 - the name of the output
    """Of the file at OpenAI."""


def _type(  # noqa: PLR0913 - what types differ in
    name: str, title: str, properties: type[Properties], outputs: type[BaseModel], run: str, example: str
) -> TaskType:
    head = f"id: ask\ntype: {PREFIX}openai.{name}\napiKey: \"{{{{ secret('AI') }}}}\"\nbaseUrl: https://ai.example.com\n"
    return TaskType(
        name=f"{PREFIX}openai.{name}",
        title=title,
        properties=properties,
        run=f"{_RUN}:{run}",
        outputs=outputs,
        examples=(head + example,),
    )


RESPONSES = _type(
    "Responses",
    "Ask a model of OpenAI that uses tools",
    Responses,
    ResponsesOutputs,
    "responses",
    "model: gpt-5-mini\ninput: What is new in Kafka?\ntoolChoice: REQUIRED\ntools:\n  - type: web_search_preview\n",
)
CREATE_IMAGE = _type(
    "CreateImage",
    "Make images",
    CreateImage,
    ImageOutputs,
    "create_image",
    "prompt: A cat that reads\ndownload: true\nn: 1\n",
)
UPLOAD_FILE = _type(
    "UploadFile",
    "Send a file to OpenAI",
    UploadFile,
    FileOutputs,
    "upload_file",
    'from: "{{ outputs.export.uri }}"\npurpose: user_data\n',
)
