"""Values and files of namespaces."""

from __future__ import annotations

from services.web.core.view.value import VALUES
from services.web.document.operation import (
    Answer,
    Body,
    Content,
    Operation,
    Parameter,
    Tag,
    json_answer,
    json_body,
)
from services.web.document.parameters import searched
from services.web.document.schema.base import Page
from services.web.document.schema.stored import StoredValue, ValueEntry, ValueKeys

_OF_NAMESPACE = "/api/v1/main/namespaces/{namespace}/kv"
_ONE = f"{_OF_NAMESPACE}/{{name}}"
_TEXT = "JSON, a day, an instant or a duration becomes a value of that type; every other text is a text. Quotes make a text of anything."
KV_TAG = Tag(
    "KV",
    "Values by key, which belong to namespaces.",
    {
        ("GET", "/api/v1/main/kv"): Operation(
            "listAllKeys", "Search the keys of all namespaces", json_answer(Page[ValueEntry], "A page of entries, without their values"),
            parameters=searched(VALUES), errors=(422,),
        ),
        ("GET", _OF_NAMESPACE): Operation(
            "listKeys", "The keys of a namespace", json_answer(list[ValueEntry], "Entries by key, without their values"), deprecated=True,
        ),
        ("GET", f"{_OF_NAMESPACE}/inheritance"): Operation(
            "listKeysWithInheritence", "The keys of the namespaces above", json_answer(list[ValueEntry], "Each key once, from the nearest namespace"),
        ),
        ("GET", _ONE): Operation(
            "keyValue", "One value", json_answer(StoredValue, "The value"), errors=(404, 410),
        ),
        ("PUT", _ONE): Operation(
            "setKeyValue", "Store a value", (Answer((), "Stored: every later read sees it"),), _TEXT,
            Body((Content("text/plain"), Content("application/json")), "the value", required=False),
            parameters=(
                Parameter("ttl", "how long the value counts, an ISO 8601 duration; default: for ever", place="header"),
                Parameter("description", "what the value is for", place="header"),
            ),
            errors=(422,),
        ),
        ("DELETE", _ONE): Operation(
            "deleteKeyValue", "Delete a value", json_answer(bool, "Whether there was a value"),
        ),
        ("DELETE", _OF_NAMESPACE): Operation(
            "deleteKeyValues", "Delete values", json_answer(ValueKeys, "The keys that had a value"), "", json_body(ValueKeys, "the keys"), errors=(422,),
        ),
    },
)  # fmt: skip
