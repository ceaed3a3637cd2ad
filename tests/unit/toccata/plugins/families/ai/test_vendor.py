"""Tasks of single providers against a server that speaks their protocols."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.example import example
from tests.support.http_server import http_server
from tests.unit.toccata.plugins.families.ai.models import Models
from tests.unit.toccata.plugins.families.notifications.support import a_bench
from toccata.plugin import TaskType
from toccata.plugins.families.ai import vendor

TYPES = [each for each in vars(vendor).values() if isinstance(each, TaskType)]


def short(task_type: TaskType) -> str:
    return task_type.name.removeprefix("io.kestra.plugin.")


@pytest.mark.parametrize("task_type", TYPES, ids=short)
async def test_the_example_is_answered(tmp_path: Path, task_type: TaskType) -> None:
    async with http_server(Models("An answer")) as server:
        bench = a_bench(tmp_path, AI="s3cret")
        ended = await bench.run(task_type, example(task_type, 0, {"https://ai.example.com": server.url}))
        assert ended.outcome == "succeeded", ended.message
    assert "An answer" in json.dumps(ended.outputs)


async def test_openai_gets_its_own_settings_and_gives_its_own_words(tmp_path: Path) -> None:
    models = Models("Hi")
    async with http_server(models) as server:
        written = {
            "apiKey": "k", "model": "m", "baseUrl": server.url, "messages": [{"role": "SYSTEM", "content": "Be kind"}], "prompt": "x",
            "n": 2, "stop": ["."], "user": "u", "presencePenalty": 1, "jsonResponseSchema": '{"type": "object"}',
        }  # fmt: skip
        ended = await a_bench(tmp_path).run(vendor.OPENAI, written)
    assert models.asked[0] == {
        "model": "m", "messages": [{"role": "system", "content": "Be kind"}, {"role": "user", "content": "x"}], "temperature": 1.0,
        "n": 2, "stop": ["."], "user": "u", "presence_penalty": 1,
        "response_format": {"type": "json_schema", "json_schema": {"name": "answer", "schema": {"type": "object"}, "strict": False}},
    }  # fmt: skip
    assert ended.outputs["choices"][0]["message"]["content"] == "Hi"
    assert ended.outputs["usage"]["total_tokens"] == 7


async def test_what_is_missing_is_said(tmp_path: Path) -> None:
    ended = await a_bench(tmp_path).run(vendor.OPENAI, {"apiKey": "k", "model": "m"})
    assert "`prompt` or `messages` is needed" in ended.message
    written = {"apiKey": "k", "model": "m", "prompt": "x", "jsonResponseSchema": "{"}
    ended = await a_bench(tmp_path).run(vendor.GEMINI_STRUCTURED, written)
    assert "jsonResponseSchema: this is no JSON" in ended.message
