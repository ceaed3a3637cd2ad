"""Requests and downloads."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from email.message import Message
from pathlib import PurePosixPath
from urllib.parse import quote, unquote, urlsplit

from toccata.plugin import (
    HttpAnswer,
    HttpRequest,
    Multipart,
    Outputs,
    Progress,
    RunContext,
    StorageRefused,
    TaskFailed,
    form_parts,
    stored,
    url_encoded,
)
from toccata.plugins.families.core import http as declared

_FORM = "application/x-www-form-urlencoded"
_LONGEST_NAME = 200


async def request(task: declared.Request, run: RunContext) -> Outputs:
    async with run.http(task.sending()) as http, http.send(await sent(task, run)) as answer:
        body = await answer.text()
        return {"uri": answer.uri, "code": answer.status, "headers": answer.headers, "body": body or None}


async def sent(task: declared.HttpCall, run: RunContext) -> HttpRequest:
    """What the properties ask to send. Raise TaskFailed."""
    headers, params, charset = task.headers or {}, task.params or {}, task.options.default_charset
    if not task.form_data:
        body = None if task.body is None else task.body.encode(charset)
        return HttpRequest(task.method, task.uri, headers, params, body, task.content_type)
    if task.content_type.partition(";")[0].strip().lower() != "multipart/form-data":
        return HttpRequest(
            task.method, task.uri, headers, params, url_encoded(task.form_data, charset), _FORM
        )
    form = Multipart(form_parts(task.form_data), run.storage)
    try:
        length = await form.length()
    except StorageRefused as error:
        raise TaskFailed(f"formData: {error}") from None
    rest = {name: value for name, value in headers.items() if name.lower() != "content-type"}
    return HttpRequest(task.method, task.uri, rest, params, form, form.content_type, length)


async def download(task: declared.Download, run: RunContext) -> Outputs:
    options = task.sending()
    async with run.http(options) as http, http.send(await sent(task, run)) as answer:
        progress = Progress(run.log, "bytes", _announced(answer.headers))
        uri = await stored(run, _counted(answer, progress), name_of(task.uri, answer.headers))
        length = int(progress.done)
        _check_length(answer)
    if length == 0:
        if task.fail_on_empty_response and not options.allow_failed:
            await run.storage.delete(uri)
            raise TaskFailed(f"{task.uri}: the answer is empty; `failOnEmptyResponse: false` accepts that")
        run.log("WARN", f"{task.uri}: the answer is empty")
    run.metric("counter", "response.length", length)
    return {"uri": uri, "code": answer.status, "length": length, "headers": answer.headers}


async def _counted(answer: HttpAnswer, progress: Progress) -> AsyncIterator[bytes]:
    async for chunk in answer.chunks():
        progress.add(len(chunk))
        yield chunk


def _announced(headers: Mapping[str, list[str]]) -> int | None:
    text = headers.get("content-length", [""])[0]
    return int(text) if text.isdecimal() else None


def _check_length(answer: HttpAnswer) -> None:
    announced = _announced(answer.headers)
    if announced is not None and announced != answer.received:
        raise TaskFailed(
            f"{answer.uri}: the server announced {announced:,} bytes, but {answer.received:,} came"
        )


def name_of(uri: str, headers: Mapping[str, list[str]]) -> str:
    """The name that a header gives, or else the extension of the address's last part."""
    given = Message()
    given["Content-Disposition"] = (
        headers.get("content-disposition", [""])[0].replace("\r", " ").replace("\n", " ")
    )
    name = (given.get_filename() or "").replace("\\", "/").rstrip("/").rpartition("/")[2]
    name = name.replace("\0", "").lstrip(".")
    if name:
        return quote(name[-_LONGEST_NAME:], safe=" !$&'()+,;=@[]{}~.-_")
    suffix = PurePosixPath(unquote(urlsplit(uri).path)).suffix
    return suffix if suffix.isascii() and suffix[1:].isalnum() and len(suffix) <= 20 else ""
