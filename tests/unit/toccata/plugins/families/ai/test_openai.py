"""The tasks of OpenAI besides chats, against a server that speaks its protocol."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from typing import Any

from tests.support.attempt import Bench
from tests.support.example import example
from tests.support.http_server import Give, Got, always, http_server
from tests.unit.toccata.plugins.families.notifications.support import a_bench
from toccata.plugins.families.ai import openai

ANSWER = {
    "id": "resp_1",
    "usage": {"input_tokens": 3, "output_tokens": 4, "total_tokens": 7},
    "output": [
        {"type": "web_search_call"},
        {
            "type": "message",
            "content": [
                {
                    "type": "output_text",
                    "text": "Queues",
                    "annotations": [{"type": "url_citation", "url": "https://kafka.apache.org"}],
                }
            ],
        },
    ],
}


async def asked(
    folder: Path, give: Give, written: dict[str, Any], task_type: Any
) -> tuple[Any, list[Got], Bench]:
    bench = a_bench(folder)
    async with http_server(always(give)) as server:
        ended = await bench.run(task_type, {"apiKey": "s3cret", "baseUrl": server.url, **written})
    return ended, server.got, bench


async def test_the_example_with_a_tool_gives_text_and_sources(tmp_path: Path) -> None:
    async with http_server(always(Give(200, ANSWER))) as server:
        written = example(openai.RESPONSES, 0, {"https://ai.example.com": server.url})
        bench = a_bench(tmp_path, AI="s3cret")
        ended = await bench.run(openai.RESPONSES, written)
    assert ended.outcome == "succeeded", ended.message
    [got] = server.got
    assert (got.method, got.path, got.headers["authorization"]) == ("POST", "/responses", "Bearer s3cret")
    assert got.json() == {
        "model": "gpt-5-mini", "input": "What is new in Kafka?", "store": True, "temperature": 1.0,
        "tools": [{"type": "web_search_preview"}], "tool_choice": "required",
    }  # fmt: skip
    assert (ended.outputs["responseId"], ended.outputs["outputText"]) == ("resp_1", "Queues")
    assert ended.outputs["sources"] == ["https://kafka.apache.org"]
    assert ended.outputs["rawResponse"] == ANSWER
    assert {point.name: point.value for point in bench.points}["usage.total.tokens"] == 7


async def test_a_function_that_the_model_calls_is_the_text(tmp_path: Path) -> None:
    give = Give(200, {"id": "r", "output": [{"type": "function_call", "arguments": '{"city": "Berlin"}'}]})
    written = {"model": "m", "input": "x", "previousResponseId": "r0", "promptId": "p", "promptVariables": {"a": "b"},
               "reasoning": {"effort": "low"}, "maxOutputTokens": 5, "topP": 0.5, "user": "u"}  # fmt: skip
    ended, [got], _ = await asked(tmp_path, give, written, openai.RESPONSES)
    assert ended.outputs["outputText"] == '{"city": "Berlin"}'
    assert got.json() == {
        "model": "m", "input": "x", "store": True, "temperature": 1.0, "previous_response_id": "r0",
        "prompt": {"id": "p", "variables": {"a": "b"}}, "reasoning": {"effort": "low"}, "max_output_tokens": 5, "top_p": 0.5, "user": "u",
    }  # fmt: skip


async def test_a_picture_of_internal_storage_is_sent_along(tmp_path: Path) -> None:
    bench = a_bench(tmp_path)
    uri = await bench.storage.put("kestra:///company/team/f/executions/e1/cat.png", b"picture")
    text = {"type": "input_text", "text": "What is this?"}
    async with http_server(always(Give(200, ANSWER))) as server:
        message: dict[str, Any] = {
            "role": "user",
            "content": [text, {"type": "input_image", "image_url": uri}],
        }
        written = {"apiKey": "k", "baseUrl": server.url, "model": "m", "input": [message]}
        ended = await bench.run(openai.RESPONSES, written)
        message["content"][1] = {"type": "input_image", "image_url": uri.replace("png", "tmp")}
        unknown = await bench.run(openai.RESPONSES, written)
    assert ended.outcome == "succeeded", ended.message
    sent: Any = server.got[0].json()
    picture = f"data:image/png;base64,{b64encode(b'picture').decode()}"
    assert sent["input"][0]["content"] == [
        text,
        {"type": "input_image", "image_url": picture, "detail": "auto"},
    ]
    assert "give its `mimeType`" in unknown.message


async def test_an_image_is_kept_or_its_address_given(tmp_path: Path) -> None:
    async with http_server(
        always(Give(200, {"data": [{"b64_json": b64encode(b"image").decode()}]}))
    ) as server:
        bench = a_bench(tmp_path, AI="k")
        written = example(openai.CREATE_IMAGE, 0, {"https://ai.example.com": server.url})
        ended = await bench.run(openai.CREATE_IMAGE, written)
    assert ended.outcome == "succeeded", ended.message
    assert server.got[0].path == "/images/generations"
    assert server.got[0].json() == {
        "prompt": "A cat that reads",
        "model": "gpt-image-1",
        "size": "1024x1024",
        "n": 1,
    }
    assert await bench.storage.get(ended.outputs["images"][0]) == b"image"
    give = Give(200, {"data": [{"url": "https://images.example.com/1"}]})
    written = {"prompt": "x", "model": "dall-e-3", "size": "SMALL", "quality": "HIGH"}
    ended, [got], _ = await asked(tmp_path, give, written, openai.CREATE_IMAGE)
    assert ended.outputs["images"] == ["https://images.example.com/1"]
    assert got.json() == {
        "prompt": "x", "model": "dall-e-3", "size": "256x256", "quality": "high", "response_format": "url"
    }  # fmt: skip


async def test_an_answer_without_an_image_fails_the_task(tmp_path: Path) -> None:
    ended, _, _ = await asked(tmp_path, Give(200, {"data": [{}]}), {"prompt": "x"}, openai.CREATE_IMAGE)
    assert "neither `url` nor `b64_json`" in ended.message
    ended, _, _ = await asked(tmp_path, Give(200, b"<html>"), {"prompt": "x"}, openai.CREATE_IMAGE)
    assert "this is no JSON" in ended.message


async def test_a_file_is_uploaded_in_parts(tmp_path: Path) -> None:
    bench = a_bench(tmp_path, AI="s3cret")
    uri = await bench.storage.put("kestra:///company/team/f/executions/e1/rows.jsonl", b'{"a": 1}\n')
    async with http_server(always(Give(200, {"id": "file-1"}))) as server:
        written = example(openai.UPLOAD_FILE, 0, {"https://ai.example.com": server.url})
        outputs = {"outputs": {"export": {"uri": uri}}}
        ended = await bench.run(openai.UPLOAD_FILE, written, variables=outputs)
        gone = await bench.run(openai.UPLOAD_FILE, {**written, "from": uri + ".gone"})
    assert ended.outputs == {"fileId": "file-1"}
    [got] = server.got
    assert got.path == "/files"
    assert b'name="purpose"\r\n\r\nuser_data' in got.body
    assert b'name="file"; filename="rows.jsonl"' in got.body
    assert b'{"a": 1}\n' in got.body
    assert gone.message.startswith("from: ")
