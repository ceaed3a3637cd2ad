"""``ai.rag.*`` against a server that embeds texts by what they are about."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from contracts.execution import AttemptEnded
from tests.support.attempt import Bench
from tests.support.example import example
from tests.support.http_server import Give, Got, http_server
from tests.unit.toccata.plugins.families.ai.models import Models
from tests.unit.toccata.plugins.families.ai.test_chat import provider
from tests.unit.toccata.plugins.families.notifications.support import a_bench
from toccata.plugin import TaskType
from toccata.plugins.families.ai.rag import CHAT, INGEST, SEARCH
from toccata.plugins.families.ai.run.split import segments
from toccata.testing import problems

STORE = {"type": "io.kestra.plugin.ai.embeddings.KestraKVStore"}
DOCUMENTS = [
    {"content": "Kafka keeps order"},
    {"content": "A cat sleeps", "metadata": {"page": 2}},
    {"content": "A dog barks"},
]
GOOGLE = "https://generativelanguage.googleapis.com"


async def ran(bench: Bench, task_type: TaskType, written: dict[str, Any]) -> AttemptEnded:
    ended = await bench.run(task_type, written, variables={"flow": {"id": "talk"}})
    assert ended.outcome == "succeeded", ended.message
    return ended


@pytest.mark.parametrize(("name", "tokens"), [("GoogleGemini", None), ("OpenAI", 7), ("Ollama", 5)])
async def test_documents_go_into_the_value_of_the_flow_and_answer_questions(
    tmp_path: Path, name: str, tokens: int | None
) -> None:
    models = Models("It sleeps")
    async with http_server(models) as server:
        bench = a_bench(tmp_path)
        who = provider(name, server.url)
        ended = await ran(bench, INGEST, {"provider": who, "embeddings": STORE, "fromDocuments": DOCUMENTS})
        assert ended.outputs["ingestedDocuments"] == 3
        assert ended.outputs.get("inputTokenCount") == tokens
        assert ended.outputs["embeddingStoreOutputs"] == {"kvName": "talk-embedding-store"}
        asked = {
            "chatProvider": who,
            "embeddings": STORE,
            "prompt": "What does the cat do?",
            "contentRetrieverConfiguration": {"maxResults": 1},
        }
        answer = await ran(bench, CHAT, {**asked, "systemMessage": "Be kind"})
    assert answer.outputs["textOutput"] == answer.outputs["completion"] == "It sleeps"
    assert answer.outputs["sources"] == [{"content": "A cat sleeps", "metadata": {"page": 2}}]
    sent = str(models.asked[-1])
    assert (
        "Answer using the following information:\\n\\nA cat sleeps" in sent
        or "information:\\nA cat sleeps" in sent
    )
    assert "Be kind" in sent
    assert "dog" not in sent


async def test_what_was_kept_stays_unless_the_store_is_emptied(tmp_path: Path) -> None:
    async with http_server(Models("x")) as server:
        bench = a_bench(tmp_path)
        who = provider("OpenAI", server.url)
        one = {"provider": who, "embeddings": {**STORE, "kvName": "mine"}, "fromDocuments": DOCUMENTS[:1]}
        found = {
            "provider": who,
            "embeddings": {**STORE, "kvName": "mine"},
            "query": "x",
            "maxResults": 9,
            "minScore": 0,
            "fetchType": "FETCH",
        }
        await ran(bench, INGEST, one)
        await ran(bench, INGEST, one)
        assert (await ran(bench, SEARCH, found)).outputs["size"] == 2
        await ran(bench, INGEST, {**one, "drop": True})
        assert (await ran(bench, SEARCH, found)).outputs["size"] == 1


async def test_documents_come_from_everywhere(tmp_path: Path) -> None:
    def answer(got: Got) -> Give:
        return Give(body="# page about dogs") if got.path == "/page.md" else models(got)

    models = Models("x")
    async with http_server(answer) as server:
        bench = a_bench(tmp_path)
        uri = await bench.storage.put("kestra:///company/team/a.txt", b"a file")
        written = {
            "provider": provider("OpenAI", server.url), "embeddings": STORE, "fromInternalURIs": [uri],
            "fromExternalURLs": [f"{server.url}/page.md"], "fromDocuments": [{"content": "a text"}], "metadata": {"kind": "x"},
        }  # fmt: skip
        ended = await ran(bench, INGEST, written)
    assert ended.outputs["ingestedDocuments"] == 3
    assert models.asked[-1]["input"] == ["a text", "a file", "# page about dogs"]


async def test_long_documents_are_cut(tmp_path: Path) -> None:
    models = Models("x")
    async with http_server(models) as server:
        splitter = {"maxSegmentSizeInChars": 12, "maxOverlapSizeInChars": 0, "splitter": "sentence"}
        written = {
            "provider": provider("OpenAI", server.url),
            "embeddings": STORE,
            "documentSplitter": splitter,
        }
        await ran(
            a_bench(tmp_path),
            INGEST,
            {**written, "fromDocuments": [{"content": "One two. Three four. Five."}]},
        )
    assert models.asked[-1]["input"] == ["One two.", "Three four.", "Five."]


@pytest.mark.parametrize(
    ("text", "how", "most", "overlap", "found"),
    [
        ("a b c d", "WORD", 4, 2, ["a b", "b c", "c d"]),
        ("one\n\ntwo\n\nthree", "PARAGRAPH", 8, 0, ["one", "two", "three"]),
        ("one\ntwo\nthree", "LINE", 9, 0, ["one\ntwo", "three"]),
        ("x" * 10, "RECURSIVE", 4, 0, ["xxxx", "xxxx", "xx"]),
        ("First one. Second one.\n\nThird.", "RECURSIVE", 15, 0, ["First one.", "Second one.", "Third."]),
        ("", "RECURSIVE", 4, 0, []),
    ],
)  # fmt: skip
def test_segments_end_where_pieces_do(text: str, how: str, most: int, overlap: int, found: list[str]) -> None:
    assert segments(text, how, most, overlap) == found


async def test_failures_say_what_to_do(tmp_path: Path) -> None:
    async with http_server(Models("x")) as server:
        bench = a_bench(tmp_path)
        who = provider("OpenAI", server.url)
        none = await bench.run(
            INGEST, {"provider": who, "embeddings": STORE, "fromDocuments": [{"content": " "}]}
        )
        assert "there is no document" in none.message
        wrong = await bench.run(
            INGEST,
            {"provider": provider("Anthropic", server.url), "embeddings": STORE, "fromDocuments": DOCUMENTS},
        )
        assert "makes no embeddings" in wrong.message
        out = await bench.run(INGEST, {"provider": who, "embeddings": STORE, "fromPath": "../.."})
        assert "leads out of the working directory" in out.message
        gone = await bench.run(
            INGEST, {"provider": who, "embeddings": STORE, "fromInternalURIs": ["kestra:///company/none"]}
        )
        assert "does not exist" in gone.message


async def test_the_examples_run_one_after_another(tmp_path: Path) -> None:
    async with http_server(Models("Records")) as server:
        bench = a_bench(tmp_path, GEMINI="s3cret")
        for task_type in (INGEST, CHAT, SEARCH):
            ended = await ran(bench, task_type, example(task_type, 0, {GOOGLE: server.url}))
    assert ended.outputs["results"] == ["Kafka keeps records in order within a partition."]


async def test_an_empty_store_is_said_and_the_model_answers_alone(tmp_path: Path) -> None:
    async with http_server(Models("I know")) as server:
        bench = a_bench(tmp_path)
        ended = await ran(
            bench, CHAT, {"chatProvider": provider("OpenAI", server.url), "embeddings": STORE, "prompt": "x"}
        )
    assert ended.outputs["textOutput"] == "I know"
    assert any("is empty: fill it with" in line for _, line in bench.messages)


def test_other_stores_are_refused_when_the_flow_is_saved() -> None:
    written = {
        "provider": provider("OpenAI", "http://x"),
        "embeddings": {"type": "io.kestra.plugin.ai.embeddings.Qdrant"},
    }
    (problem,) = problems(INGEST, written)
    assert "there is no store `io.kestra.plugin.ai.embeddings.Qdrant` here" in problem.message
