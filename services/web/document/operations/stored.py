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
    file_answer,
    json_answer,
    json_body,
)
from services.web.document.parameters import PAGE, SIZE, searched
from services.web.document.schema.base import Page
from services.web.document.schema.instance import SecretNames
from services.web.document.schema.stored import (
    FileAttributes,
    FileRevisionNumber,
    StoredValue,
    ValueEntry,
    ValueKeys,
)

_OF_NAMESPACE = "/api/v1/main/namespaces/{namespace}/kv"
_ONE = f"{_OF_NAMESPACE}/{{name}}"
_TEXT = "JSON, a day, an instant or a duration becomes a value of that type; every other text is a text. Quotes make a text of anything."
_SECRETS = json_answer(SecretNames, "Names; the values stay where they are")
_SECRET_PARAMETERS = (
    PAGE, SIZE, Parameter("q", "part of the name"), Parameter("sort", "`key:asc` or `key:desc`"),
)  # fmt: skip
SECRETS_TAG = Tag(
    "Secrets",
    "Names of the secrets that web was given. Every namespace has all of them; they are set where the services run.",
    {
        ("GET", "/api/v1/main/secrets"): Operation(
            "listSecrets", "Names of secrets", _SECRETS,
            parameters=(*_SECRET_PARAMETERS, Parameter("namespace", "changes nothing, because every namespace has all of them")),
            errors=(422,),
        ),
        ("GET", "/api/v1/main/namespaces/{namespace}/secrets"): Operation(
            "listNamespaceSecrets", "Names of secrets of a namespace", _SECRETS, parameters=_SECRET_PARAMETERS, errors=(422,), deprecated=True,
        ),
        ("GET", "/api/v1/main/namespaces/{namespace}/inherited-secrets"): Operation(
            "inheritedSecrets", "Names of secrets by namespace", json_answer(dict[str, list[str]], "Those of the namespace"),
        ),
    },
)  # fmt: skip
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
_FILES = "/api/v1/main/namespaces/{namespace}/files"
_PATH = Parameter("path", "the path of a file or a folder, such as /scripts/main.py", required=True)
_FOLDER = Parameter("path", "a folder; default: the root")
_DONE = (Answer((), "Done: every later read sees it"),)
FILES_TAG = Tag(
    "Files",
    "Files by path, which belong to namespaces.",
    {
        ("GET", _FILES): Operation(
            "fileContent", "The content of a file", file_answer("application/octet-stream", "The file"),
            parameters=(_PATH, Parameter("revision", "an older revision; default: the latest", int)), errors=(400, 404, 422),
        ),
        ("POST", _FILES): Operation(
            "createNamespaceFile", "Store a file", _DONE,
            "A file that exists gets a new revision. The files of a zip archive are stored below the path. A file in `/_flows` becomes a flow.",
            Body((Content("multipart/form-data", dict[str, bytes]),), "the file, in the part `fileContent`"),
            parameters=(_FOLDER,), errors=(400, 413, 422),
        ),
        ("PUT", _FILES): Operation(
            "moveFileDirectory", "Give a file or a folder another path", _DONE, "Nothing is overwritten.",
            parameters=(Parameter("from", "its path", required=True), Parameter("to", "the new path", required=True)), errors=(404, 409, 422),
        ),
        ("DELETE", _FILES): Operation(
            "deleteFileDirectory", "Delete a file, or a folder with everything in it", _DONE, parameters=(_PATH,), errors=(400, 404, 422),
        ),
        ("GET", f"{_FILES}/directory"): Operation(
            "listNamespaceDirectoryFiles", "What stands directly in a folder", json_answer(list[FileAttributes], "Folders first, then files"),
            parameters=(_FOLDER,), errors=(404, 422),
        ),
        ("POST", f"{_FILES}/directory"): Operation(
            "createNamespaceDirectory", "Make a folder", _DONE, parameters=(_PATH,), errors=(400, 422),
        ),
        ("GET", f"{_FILES}/stats"): Operation(
            "fileMetadatas", "Size and dates of a file or a folder", json_answer(FileAttributes, "The file"),
            parameters=(_FOLDER,), errors=(404, 422),
        ),
        ("GET", f"{_FILES}/search"): Operation(
            "searchNamespaceFiles", "Files whose path has a text in it", json_answer(list[str], "Paths"),
            parameters=(Parameter("q", "the text"),),
        ),
        ("GET", f"{_FILES}/revisions"): Operation(
            "fileRevisions", "The revisions of a file", json_answer(list[FileRevisionNumber], "Ascending"),
            parameters=(_PATH,), errors=(400, 404, 422),
        ),
        ("GET", f"{_FILES}/export"): Operation(
            "exportNamespaceFiles", "All files in a zip archive", file_answer("application/octet-stream", "The archive"),
        ),
    },
)  # fmt: skip
