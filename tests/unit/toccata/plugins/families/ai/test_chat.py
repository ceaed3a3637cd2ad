"""``ai.completion.*`` against a server that speaks each provider's protocol."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from contracts.execution import AttemptEnded
from tests.support.attempt import Bench
from tests.support.example import example
from tests.support.http_server import Give, always, http_server
from tests.unit.toccata.plugins.families.ai.models import Models
from tests.unit.toccata.plugins.families.notifications.support import a_bench
from toccata.plugin import TaskType
from toccata.plugins.families.ai.chat import CHAT_COMPLETION, CLASSIFICATION, EXTRACTION
from toccata.plugins.families.ai.provider import KINDS
from toccata.testing import problems

P = "io.kestra.plugin.ai.provider."
USER = [{"type": "USER", "content": "Hello"}]
PROTOCOLS = {
    "GoogleGemini": "/v1beta/models/m:generateContent",
    "OpenAI": "/chat/completions",
    "Anthropic": "/v1/messages",
    "Ollama": "/api/chat",
}
MORE: Mapping[str, dict[str, str]] = {
    "AzureOpenAI": {"endpoint": "http://x"}, "Ollama": {"endpoint": "http://x"}, "GitHubModels": {"gitHubToken": "s3cret"},
    "WorkersAI": {"accountId": "a"},
}  # fmt: skip


def provider(name: str, url: str) -> dict[str, str]:
    return {"type": P + name, "modelName": "m", "apiKey": "s3cret", "baseUrl": url, **MORE.get(name, {})}


async def ran(bench: Bench, task_type: TaskType, written: dict[str, Any]) -> AttemptEnded:
    return await bench.run(task_type, written)


@pytest.mark.parametrize("name", KINDS)
async def test_every_provider_answers_and_its_key_is_not_shown(tmp_path: Path, name: str) -> None:
    models = Models("Hi!")
    async with http_server(models) as server:
        bench = a_bench(tmp_path)
        written = {
            "provider": provider(name, server.url),
            "messages": USER,
            "configuration": {"returnThinking": True},
        }
        ended = await ran(bench, CHAT_COMPLETION, written)
        assert ended.outcome == "succeeded", ended.message
        server.answer = always(Give(401, b"bad key s3cret"))
        refused = await ran(bench, CHAT_COMPLETION, written)
    assert ended.outputs["textOutput"] == "Hi!"
    assert ended.outputs["thinking"] == "hm"
    assert ended.outputs["finishReason"] == "STOP"
    assert ended.outputs["tokenUsage"] == {"inputTokenCount": 3, "outputTokenCount": 4, "totalTokenCount": 7}
    assert "401" in refused.message
    assert "s3cret" not in refused.message
    assert {"input.token.count", "output.token.count", "total.token.count", "ai.provider.calls"} == {
        each.name for each in bench.points
    }


@pytest.mark.parametrize(("name", "path"), PROTOCOLS.items())
async def test_a_talk_is_sent_in_the_words_of_each_protocol(tmp_path: Path, name: str, path: str) -> None:
    models = Models("Hi!")
    messages = [{"type": "SYSTEM", "content": "Be kind"}, *USER, {"type": "AI", "content": "Yes?"}, *USER]
    async with http_server(models) as server:
        how = {"temperature": "{{ 1 }}", "topK": 5, "topP": 0.5, "seed": 7, "maxToken": 100}
        written = {"provider": provider(name, server.url), "messages": messages, "configuration": how}
        ended = await ran(a_bench(tmp_path), CHAT_COMPLETION, written)
        assert ended.outcome == "succeeded", ended.message
    assert server.got[0].path == path
    keys = {"GoogleGemini": "x-goog-api-key", "Anthropic": "x-api-key"}
    assert server.got[0].headers[keys.get(name, "authorization")].endswith("s3cret")
    told = {"role": "system", "content": "Be kind"}
    plain = [
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "Yes?"},
        {"role": "user", "content": "Hello"},
    ]
    blocks = [
        {"role": each["role"], "content": [{"type": "text", "text": each["content"]}]} for each in plain
    ]
    turns = [
        {"role": r, "parts": [{"text": t}]}
        for r, t in (("user", "Hello"), ("model", "Yes?"), ("user", "Hello"))
    ]
    settings = {"temperature": 1, "topK": 5, "topP": 0.5, "seed": 7, "maxOutputTokens": 100}
    assert models.asked[0] == {
        "GoogleGemini": {"contents": turns, "systemInstruction": {"parts": [{"text": "Be kind"}]}, "generationConfig": settings},
        "OpenAI": {"model": "m", "messages": [told, *plain], "temperature": 1, "top_k": 5, "top_p": 0.5, "seed": 7, "max_tokens": 100},
        "Anthropic": {"model": "m", "messages": blocks, "system": "Be kind", "max_tokens": 100, "temperature": 1, "top_k": 5, "top_p": 0.5},
        "Ollama": {"model": "m", "messages": [told, *plain], "stream": False,
                   "options": {"temperature": 1, "top_k": 5, "top_p": 0.5, "seed": 7, "num_predict": 100}},
    }[name]  # fmt: skip


@pytest.mark.parametrize("name", PROTOCOLS)
async def test_json_is_asked_for_and_read(tmp_path: Path, name: str) -> None:
    schema = {"type": "object", "properties": {"city": {"type": "string"}}}
    models = Models('```json\n{"city": "Oslo"}\n```', "not JSON")
    async with http_server(models) as server:
        how = {"responseFormat": {"type": "JSON", "jsonSchema": schema}}
        written = {"provider": provider(name, server.url), "messages": USER, "configuration": how}
        ended = await ran(a_bench(tmp_path), CHAT_COMPLETION, written)
        assert ended.outputs["jsonOutput"] == {"city": "Oslo"}
        assert "textOutput" not in ended.outputs
        failed = await ran(a_bench(tmp_path), CHAT_COMPLETION, written)
        assert "the model's answer is no JSON" in failed.message
        assert "not JSON" in failed.message
    assert "city" in str(models.asked[0])


@pytest.mark.parametrize("name", PROTOCOLS)
async def test_pictures_and_documents_are_sent(tmp_path: Path, name: str) -> None:
    models = Models("A cat")
    async with http_server(models) as server:
        bench = a_bench(tmp_path)
        uri = await bench.storage.put("kestra:///company/team/cat.jpg", b"jpg")
        blocks = [{"text": "What is this?"}, {"type": "IMAGE", "uri": uri}]
        written = {
            "provider": provider(name, server.url),
            "messages": [{"type": "USER", "contentBlocks": blocks}],
        }
        ended = await ran(bench, CHAT_COMPLETION, written)
        assert ended.outcome == "succeeded", ended.message
    sent = str(models.asked[0])
    assert "What is this?" in sent
    assert "anBn" in sent
    assert name == "Ollama" or "image/jpeg" in sent


@pytest.mark.parametrize("name", PROTOCOLS)
async def test_an_answer_that_was_cut_off_says_so(tmp_path: Path, name: str) -> None:
    async with http_server(Models("Hi", finish="length")) as server:
        written = {"provider": provider(name, server.url), "messages": USER}
        ended = await ran(a_bench(tmp_path), CHAT_COMPLETION, written)
        assert ended.outputs["finishReason"] == "LENGTH"


@pytest.mark.parametrize("name", ["GoogleGemini", "OpenAI", "Anthropic"])
async def test_a_refusal_to_answer_is_a_failure(tmp_path: Path, name: str) -> None:
    async with http_server(Models("", finish="refused")) as server:
        ended = await ran(
            a_bench(tmp_path), CHAT_COMPLETION, {"provider": provider(name, server.url), "messages": USER}
        )
        assert "refuses to answer this (finish reason CONTENT_FILTER)" in ended.message


@pytest.mark.parametrize("body", [[], {}, {"choices": [7]}, {"candidates": "x"}])
@pytest.mark.parametrize("name", PROTOCOLS)
async def test_an_answer_of_another_form_is_shown(tmp_path: Path, name: str, body: Any) -> None:
    async with http_server(always(Give(body=body))) as server:
        ended = await ran(
            a_bench(tmp_path), CHAT_COMPLETION, {"provider": provider(name, server.url), "messages": USER}
        )
        assert "does not answer as its protocol says" in ended.message


async def test_a_text_gets_one_of_the_classes(tmp_path: Path) -> None:
    async with http_server(Models(" Positive. ", "maybe")) as server:
        written = {**example(CLASSIFICATION, 0, {"https://generativelanguage.googleapis.com": server.url})}
        bench = a_bench(tmp_path, GEMINI="s3cret")
        ended = await ran(bench, CLASSIFICATION, written)
        assert ended.outputs["classification"] == "positive"
        failed = await ran(bench, CLASSIFICATION, written)
        assert "none of the classes positive, negative: maybe" in failed.message


async def test_values_are_found_in_a_text(tmp_path: Path) -> None:
    models = Models('{"name": "Ann", "city": "Oslo"}')
    async with http_server(models) as server:
        written = example(EXTRACTION, 0, {"https://generativelanguage.googleapis.com": server.url})
        ended = await ran(a_bench(tmp_path, GEMINI="s3cret"), EXTRACTION, written)
    assert ended.outputs["extractedJson"] == '{"name":"Ann","city":"Oslo"}'
    assert models.asked[0]["generationConfig"]["responseJsonSchema"]["required"] == ["name", "city"]


async def test_the_example_runs(tmp_path: Path) -> None:
    async with http_server(Models("A log")) as server:
        written = example(CHAT_COMPLETION, 0, {"https://generativelanguage.googleapis.com": server.url})
        ended = await ran(a_bench(tmp_path, GEMINI="s3cret"), CHAT_COMPLETION, written)
        assert ended.outputs["textOutput"] == "A log"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            {"provider": {"type": f"{P}GoogleGemni", "modelName": "m", "apiKey": "k"}},
            f"Did you mean `{P}GoogleGemini`?",
        ),
        ({"provider": {"type": f"{P}AmazonBedrock", "modelName": "m"}}, "there is no provider"),
        ({"provider": {"type": f"{P}GoogleGemini", "modelName": "m"}}, "`apiKey` is needed for GoogleGemini"),
        ({"provider": {"type": f"{P}Ollama", "modelName": "m"}}, "`endpoint` is needed for Ollama"),
        ({"messages": [*USER, {"type": "AI", "content": "x"}]}, "must be of the USER"),
        ({"messages": [{"type": "SYSTEM", "content": "x"}] * 2 + USER}, "one SYSTEM message at most"),
        ({"messages": [{"type": "USER"}]}, "exactly one of `content` and `contentBlocks`"),
        ({"messages": [{"type": "USER", "contentBlocks": [{"type": "PDF"}]}]}, "`uri` is needed for PDF"),
        ({"configuration": {"responseFormat": {"strictJson": True}}}, "need `type: JSON`"),
        ({"tools": []}, "tools"),
    ],
)
def test_what_is_wrong_is_said_when_the_flow_is_saved(change: dict[str, Any], says: str) -> None:
    written = {"provider": provider("OpenAI", "http://x"), "messages": USER, **change}
    found = problems(CHAT_COMPLETION, written)
    assert any(says in each.message for each in found)
    assert "s3cret" not in str(found)
