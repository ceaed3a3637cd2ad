"""What the types of Elasticsearch and OpenSearch do."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from toccata.plugin import (
    BadRows,
    HttpFailed,
    NotJson,
    Outputs,
    StorageRefused,
    TaskFailed,
    given_rows,
    lines,
    read_json,
    row_file,
    taken_rows,
    write_json,
)
from toccata.plugins.families.rest.api import MOST_BYTES, Answer, Call, Session, at, basic

MOST_BULK_BYTES = 8 * 1024 * 1024
"""Of one request of many operations. Clusters refuse 100 MiB."""
_SCROLL = "60s"
_REFRESH = {"IMMEDIATE": "true", "WAIT_UNTIL": "wait_for", "NONE": "false"}
_RESULTS = {"created": "Created", "updated": "Updated", "noop": "NoOp", "deleted": "Deleted"}
"""In the words of Kestra's client."""


def address(task: Any) -> str:
    prefix = (task.connection.path_prefix or "").strip("/")
    return str(task.connection.hosts[0]).rstrip("/") + (f"/{prefix}" if prefix else "")


async def sign_in(task: Any, session: Session) -> Mapping[str, str]:
    del session
    found: dict[str, str] = {}
    for header in task.connection.headers or ():
        name, colon, value = header.partition(":")
        if not colon:
            raise TaskFailed(f"connection.headers: `{name}` is not `Name: value`")
        found[name.strip()] = value.strip()
    given = task.connection.basic_auth
    if given is None or any(name.lower() == "authorization" for name in found):
        return found
    return {**basic(given.username, given.password.get_secret_value()), **found}


async def _called(task: Any, session: Session, call: Call) -> Answer:
    answer = await session.call(call)
    _warn(task, session, answer.headers)
    session.run.metric("counter", "requests.count", 1)
    return answer


def _warn(task: Any, session: Session, headers: Mapping[str, list[str]]) -> None:
    for warning in headers.get("warning") or ():
        if task.connection.strict_deprecation_mode:
            raise TaskFailed(f"the cluster warns, and `strictDeprecationMode` is set: {warning}")
        session.run.log("WARN", warning)


def _json(value: Any, name: str) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return read_json(value)
    except NotJson as error:
        raise TaskFailed(f"{name}: this is no JSON: {error}") from None


def _where(task: Any) -> str:
    names = ",".join(quote(each, safe="*-+") for each in task.indexes or ())
    return f"/{names}" if names else ""


async def search(task: Any, session: Session) -> Outputs:
    body = _json(task.request, "request")
    answer = await _called(
        task, session, Call("POST", f"{_where(task)}/_search", {"routing": task.routing}, body)
    )
    hits = answer["hits"]
    found = [hit.get("_source") or {} for hit in hits["hits"]]
    total = hits.get("total")
    session.run.metric("counter", "records", len(found))
    outputs = await given_rows(session.run, task.fetch_type, _once(found))
    return {**outputs, "total": total["value"] if isinstance(total, Mapping) else total}


async def _once(rows: Sequence[Any]) -> AsyncIterator[Sequence[Any]]:
    yield rows


async def scroll(task: Any, session: Session) -> Outputs:
    path = f"{_where(task)}/_search"
    params = {"routing": task.routing, "scroll": _SCROLL}
    answer = await _called(task, session, Call("POST", path, params, _json(task.request, "request")))
    scroll_id = answer["_scroll_id"]
    try:
        async with row_file(session.run) as file:
            while hits := answer["hits"]["hits"]:
                await file.write([hit.get("_source") or {} for hit in hits])
                body = {"scroll": _SCROLL, "scroll_id": scroll_id}
                answer = await _called(task, session, Call("POST", "/_search/scroll", body=body))
                scroll_id = answer.body.get("_scroll_id") or scroll_id
            session.run.metric("counter", "records", file.count)
            return {"uri": await file.stored(), "size": file.count}
    finally:
        await _forget(session, scroll_id)


async def _forget(session: Session, scroll_id: str) -> None:
    """The cluster would keep it for a minute. That it cannot be told is no failure of the task."""
    try:
        await session.call(Call("DELETE", "/_search/scroll", body={"scroll_id": scroll_id}))
    except HttpFailed as failed:
        session.run.log("WARN", f"The scroll is left to the cluster: {failed.message}")


async def get(task: Any, session: Session) -> Outputs:
    params = {"version": task.doc_version, "routing": task.routing}
    try:
        answer = await _called(task, session, Call("GET", at("/{}/_doc/{}", task.index, task.key), params))
    except HttpFailed as failed:
        if failed.status != 404 or task.error_on_missing:
            raise
        session.run.log("WARN", f"There is no document `{task.key}` in `{task.index}`")
        return {}
    return {"row": answer["_source"]}


async def put(task: Any, session: Session) -> Outputs:
    value = _json(task.value, "value")
    if not isinstance(value, Mapping):
        raise TaskFailed("value: a document is a map")
    params = {
        "op_type": task.op_type.lower() if task.op_type else None,
        "refresh": _REFRESH[task.refresh_policy],
        "routing": task.routing,
    }
    path = at("/{}/_doc", task.index) + (at("/{}", task.key) if task.key else "")
    answer = await _called(task, session, Call("PUT" if task.key else "POST", path, params, value))
    result = answer["result"]
    return {"id": answer["_id"], "result": _RESULTS.get(result, result), "version": answer["_version"]}


async def request(task: Any, session: Session) -> Outputs:
    body = _json(task.body, "body") if task.body is not None else None
    call = Call(task.method, "/" + task.endpoint.lstrip("/"), task.parameters or {}, body)
    async with session.answer(call) as answer:
        _warn(task, session, answer.headers)
        content = await answer.read(MOST_BYTES)
        kind = (answer.headers.get("content-type") or [""])[0]
        text = content.decode("utf-8", "replace")
        response = _json(text, "the answer") if "json" in kind and text.strip() else text
        return {"status": answer.status, "response": response}


async def esql(task: Any, session: Session) -> Outputs:
    body: dict[str, Any] = {"query": task.query, "columnar": False}
    if task.filter is not None:
        body["filter"] = _json(task.filter, "filter")
    if task.params:
        body["params"] = task.params
    answer = await _called(task, session, Call("POST", "/_query", body=body))
    return await _given(task, session, answer["columns"], answer["values"])


async def ppl(task: Any, session: Session) -> Outputs:
    body = {"query": task.query, **({"fetch_size": task.fetch_size} if task.fetch_size else {})}
    call = Call("POST", "/_plugins/_ppl", {"format": task.format.lower()}, body)
    if task.format == "JDBC":
        answer = await _called(task, session, call)
        return await _given(task, session, answer["schema"], answer["datarows"])
    async with session.answer(call) as plain:
        return {"text": (await plain.read(MOST_BYTES)).decode("utf-8", "replace")}


async def _given(
    task: Any, session: Session, columns: Sequence[Mapping[str, Any]], values: Sequence[Sequence[Any]]
) -> Outputs:
    names = [column["name"] for column in columns]
    found = [dict(zip(names, row, strict=True)) for row in values]
    session.run.metric("counter", "records", len(found))
    outputs = await given_rows(session.run, task.fetch_type, _once(found))
    return {**outputs, "total": len(found)}


async def bulk(task: Any, session: Session) -> Outputs:
    return await _sent(task, session, _operations(task, session))


async def load(task: Any, session: Session) -> Outputs:
    kind = (task.op_type or "INDEX").lower()
    if kind in ("update", "delete") and task.id_key is None:
        raise TaskFailed(f"opType: {task.op_type} needs `idKey`, which says which documents")
    return await _sent(task, session, _documents(task, session, kind))


async def _operations(task: Any, session: Session) -> AsyncIterator[bytes]:
    """Each with its document."""
    number, waiting = 0, b""
    try:
        async for line in lines(session.run.storage.stream(task.from_)):
            number += 1
            if waiting:
                yield (
                    waiting
                    + b"\n"
                    + (_update(line, number) if waiting.startswith(b'{"update"') else line)
                    + b"\n"
                )
                waiting = b""
                continue
            if not line.strip():
                continue
            kind, operation = _operation(line, number)
            if kind == "delete":
                yield operation + b"\n"
            else:
                waiting = operation
    except (StorageRefused, BadRows) as error:
        raise TaskFailed(f"from: {error}") from None
    if waiting:
        raise TaskFailed(f"from: line {number} announces a document, and no line follows")


def _operation(line: bytes, number: int) -> tuple[str, bytes]:
    value = _line(line, number)
    kind = next(iter(value), "")
    if kind not in ("index", "create", "update", "delete"):
        raise TaskFailed(f"from: line {number} is no operation: `index`, `create`, `update` or `delete`")
    return kind, write_json({kind: value[kind]})


def _update(line: bytes, number: int) -> bytes:
    """A document alone, as Kestra takes it, or what the bulk interface wants."""
    value = _line(line, number)
    if "doc" in value or "script" in value:
        return line
    return write_json({"doc": value, "doc_as_upsert": True})


def _line(line: bytes, number: int) -> Mapping[str, Any]:
    try:
        value = read_json(line)
    except NotJson as error:
        raise TaskFailed(f"from: line {number} is no JSON: {error}") from None
    if not isinstance(value, Mapping):
        raise TaskFailed(f"from: line {number} is no map")
    return value


async def _documents(task: Any, session: Session, kind: str) -> AsyncIterator[bytes]:
    async for row in taken_rows(session.run, task.from_):
        if not isinstance(row, Mapping):
            raise TaskFailed("from: each row must be a map")
        about: dict[str, Any] = {"_index": task.index}
        if task.id_key is not None:
            if row.get(task.id_key) is None:
                raise TaskFailed(f"idKey: a row has no `{task.id_key}`")
            about["_id"] = str(row[task.id_key])
            if task.remove_id_key:
                row = {name: value for name, value in row.items() if name != task.id_key}  # noqa: PLW2901
        if task.routing is not None:
            about["routing"] = task.routing
        document: Any = {"doc": row, "doc_as_upsert": True} if kind == "update" else row
        yield write_json({kind: about}) + b"\n" + (b"" if kind == "delete" else write_json(document) + b"\n")


async def _sent(task: Any, session: Session, operations: AsyncIterator[bytes]) -> Outputs:
    held: list[bytes] = []
    size = count = 0
    async for operation in operations:
        held.append(operation)
        size += len(operation)
        count += 1
        if len(held) >= task.chunk or size >= MOST_BULK_BYTES:
            await _carried_out(task, session, b"".join(held))
            held, size = [], 0
    if held:
        await _carried_out(task, session, b"".join(held))
    session.run.metric("counter", "records", count)
    return {"size": count}


async def _carried_out(task: Any, session: Session, content: bytes) -> None:
    params = {"routing": task.routing}
    answer = await _called(task, session, Call("POST", "/_bulk", params, lines=content))
    if not answer.body.get("errors"):
        return
    failed = [found for item in answer.body["items"] for found in item.values() if found.get("error")]
    shown = "; ".join(f"{each.get('_id')}: {_reason(each['error'])}" for each in failed[:3])
    raise TaskFailed(f"{len(failed)} of {len(answer.body['items'])} operations of a request failed: {shown}")


def _reason(error: Any) -> str:
    return str(error.get("reason") or error.get("type")) if isinstance(error, Mapping) else str(error)
