"""The HTTP API, operation by operation, from web's OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from docs.generate.table import Pages, cell, code, page, sentence, table
from services.web.document.build import build

INTRODUCTION = """
Every operation of the HTTP API. The page `/api/v1/docs` of web shows the same and lets you try operations. The OpenAPI document with all schemas is at
`/api/v1/openapi.json`.
Paths of Kestra 1.x and 2.0 are understood. `/api/v1/main/…` also answers without `main`.
Requests are signed in with HTTP Basic, see [Users and passwords](../guides/users.md).
"""
_METHODS = ("get", "post", "put", "patch", "delete")
Operation = Mapping[str, Any]


def pages() -> Pages:
    document = build()
    by_tag: dict[str, list[tuple[str, str, Operation]]] = {}
    for path, methods in document["paths"].items():
        for method in _METHODS:
            if method in methods:
                operation = methods[method]
                by_tag.setdefault((operation.get("tags") or ["Other"])[0], []).append(
                    (method, path, operation)
                )
    parts = []
    for tag in sorted(by_tag):
        rows = [
            (
                code(f"{method.upper()} {path}"),
                sentence(operation.get("summary", "")),
                _parameters(operation),
                _body(operation),
                _answer(operation),
            )
            for method, path, operation in sorted(by_tag[tag], key=lambda row: (row[1], row[0]))
        ]
        parts += [f"## {cell(tag)}", table(("operation", "what it does", "query", "body", "answer"), rows)]
    return {"reference/api.md": page("HTTP API", INTRODUCTION, *parts)}


def _parameters(operation: Operation) -> str:
    given = [each for each in operation.get("parameters", ()) if each.get("in") == "query"]
    return ", ".join(code(each["name"]) for each in given)


def _body(operation: Operation) -> str:
    """The forms of the body."""
    content = operation.get("requestBody", {}).get("content", {})
    return ", ".join(dict.fromkeys(_shown(media, each) for media, each in content.items()))


def _answer(operation: Operation) -> str:
    """The answer of a successful call."""
    good = [each for status, each in operation.get("responses", {}).items() if status.startswith("2")]
    shown = [_shown(media, each) for answer in good for media, each in answer.get("content", {}).items()]
    return ", ".join(dict.fromkeys(shown))


def _shown(media: str, content: Mapping[str, Any]) -> str:
    name = _schema_name(content.get("schema", {}))
    kind = "" if media == "application/json" and name else code(media)
    return " ".join(part for part in (name, kind) if part)


def _schema_name(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return code(str(schema["$ref"]).rpartition("/")[2])
    if schema.get("type") == "array":
        inner = _schema_name(schema.get("items", {}))
        return f"list of {inner}" if inner else ""
    return ""
