"""The check of answers against the document notices what is not declared."""

from __future__ import annotations

import httpx
import orjson
import pytest

from tests.support.declared import find, problems

SEARCH = "/api/v1/main/flows/search"
FLOW = {
    "id": "a", "namespace": "b", "revision": 1, "disabled": False, "deleted": False, "tasks": [],
    "updated": "2026-01-01T00:00:00.000Z",
}  # fmt: skip


def answer(body: object, status: int = 200, media: str = "application/json") -> httpx.Response:
    return httpx.Response(status, headers={"content-type": media}, content=orjson.dumps(body))


def test_a_good_answer_is_no_problem() -> None:
    assert problems("GET", SEARCH, answer({"results": [FLOW], "total": 1})) == ""


@pytest.mark.parametrize(
    ("response", "told"),
    [
        (answer({"results": [FLOW]}), "total"),
        (answer({"results": [FLOW], "total": 1, "more": 1}), "more"),
        (answer({"results": [FLOW], "total": "1"}), "int"),
        (answer({"results": [FLOW | {"revision": None}], "total": 1}), "revision"),
        (answer({}, 500), "500"),
        (answer({"results": [], "total": 0}, 200, "text/plain"), "text/plain"),
        (answer({"detail": "no"}, 422), "title"),
        (answer({}, 201), "201"),
    ],
)
def test_what_is_not_declared_is_noticed(response: httpx.Response, told: str) -> None:
    assert told in problems("GET", SEARCH, response)


def test_an_operation_is_found_as_the_routes_find_it() -> None:
    found = {
        path: operation.id if (operation := find(*path.split(" "))) else None
        for path in (
            "GET /api/v1/executions/abc",
            "GET /api/v1/main/executions/namespaces",
            "POST /api/v1/main/executions/a/b",
            "POST /api/v1/main/executions/webhook/a/b/c/d/e",
            "GET /ui/",
        )
    }
    assert list(found.values()) == [
        "execution",
        "listExecutableDistinctNamespaces",
        "createExecution",
        "triggerExecutionByPostWebhookWithPath",
        None,
    ]
