"""The API's document names every operation with its parameters, bodies and answers, and is not stale."""

from __future__ import annotations

import json
import re

from fastapi.routing import APIRoute

from services.web.document.__main__ import FILE, text
from services.web.document.build import operations
from services.web.http import app

DOCUMENT = json.loads(FILE.read_text())
OPERATIONS = {
    (method.upper(), path): operation
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
}
WITHOUT_BODY = {
    "changeStatusExecution", "changeStatusExecutionOlder", "forceRunExecution", "forceRunExecutionOlder",
    "pauseExecution", "pauseExecutionOlder", "replayExecution", "replayExecutionOlder",
    "resumeFromBreakpointExecution", "resumeFromBreakpointExecutionOlder",
    "unqueueExecution", "unqueueExecutionOlder", "restartExecution", "restartExecutionOlder", "restartTrigger", "unlockTrigger", "logout", "triggerExecutionByGetWebhook",
    "triggerExecutionByGetWebhookWithPath", "moveFileDirectory", "createNamespaceDirectory",
}  # fmt: skip
"""Writes that take none."""
EMPTY = {
    "setKeyValue",
    "createNamespaceFile",
    "moveFileDirectory",
    "deleteFileDirectory",
    "createNamespaceDirectory",
}
"""Kestra answers these with 200 and nothing."""


def test_the_document_is_not_stale() -> None:
    assert FILE.read_bytes() == text(), "run `python -m services.web.document`"


def test_every_route_has_its_operation_and_every_operation_its_route() -> None:
    routes = {
        (method, route.path)
        for router in app.ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute) and route.include_in_schema
        for method in (route.methods or ())
    }
    declared = {(method, path) for method, path, _ in operations()}
    webhooks = {each for each in declared if each[1].startswith("/api/v1/main/executions/webhook/")}
    assert len(webhooks) == 6
    assert declared - webhooks == routes


def test_every_operation_says_what_it_is() -> None:
    ids = [operation["operationId"] for operation in OPERATIONS.values()]
    assert len(set(ids)) == len(ids)
    for key, operation in OPERATIONS.items():
        assert operation["summary"][0].isupper(), key
        assert len(operation["tags"]) == 1
        for parameter in operation.get("parameters", []):
            assert parameter["description"], (key, parameter["name"])
            assert parameter["schema"], (key, parameter["name"])


def test_every_operation_declares_what_it_answers() -> None:
    for key, operation in OPERATIONS.items():
        good = [status for status in operation["responses"] if status.startswith("2")]
        assert good, key
        for status in good:
            content = operation["responses"][status].get("content", {})
            assert status == "204" or content or operation["operationId"] in EMPTY, key
            assert all(form["schema"] for form in content.values()), key
        assert "503" in operation["responses"], key
        assert operation.get("security") == [] or "401" in operation["responses"], key


DELETE_WITH_BODY = {
    "deleteKeyValues",
    "deleteLogsOfExecutions",
    "deleteTriggersByIds",
    "deleteTriggersByQuery",
}


def test_every_write_declares_the_body_that_it_takes() -> None:
    for (method, path), operation in OPERATIONS.items():
        takes = (method in {"POST", "PUT"} or "by-ids" in path) and (
            "by-query" not in path or "labels" in path
        )
        takes = takes or operation["operationId"] in DELETE_WITH_BODY
        if takes and operation["operationId"] not in WITHOUT_BODY:
            contents = operation["requestBody"]["content"]
            assert contents, path
            assert all("schema" in form for form in contents.values()), path
        else:
            assert "requestBody" not in operation, path


def test_no_text_points_to_what_readers_do_not_have() -> None:
    found = re.findall(r"\([A-Z]{2}\d+\)|section \d|api\.md", FILE.read_text())
    assert found == []


def test_nothing_that_answers_leave_out_is_declared_as_null() -> None:
    assert '"null"' not in FILE.read_text()
