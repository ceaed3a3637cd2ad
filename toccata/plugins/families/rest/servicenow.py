"""ServiceNow: rows of its tables."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from toccata.plugin import FetchType, Outputs, Secret, dynamic
from toccata.plugins.families.rest.api import (
    Answer,
    Call,
    Optioned,
    Service,
    Session,
    at,
    basic,
    bearer,
    declared,
    known,
    one,
    rows,
)


class Table(Optioned):
    domain: str = dynamic(doc="the instance: `acme` of `acme.service-now.com`, or a whole address")
    username: str = dynamic(doc="who signs in")
    password: Secret = dynamic(doc="their password")
    client_id: str | None = dynamic(None, doc="an application, which asks for a token with their password")
    client_secret: Secret | None = dynamic(None, doc="its secret")
    headers: dict[str, str] | None = dynamic(None, doc="further headers")
    table: str = dynamic(doc="the table")


class Get(Table):
    """Gives rows of a table."""

    fetch_type: FetchType = dynamic("FETCH", doc="where the rows go: outputs, a file, or nowhere")
    query: str | None = dynamic(None, doc="which rows, as ServiceNow writes it: `active=true^priority=1`")
    limit: int | None = dynamic(None, doc="how many at most", ge=1)
    offset: int | None = dynamic(None, doc="how many are left out at the beginning", ge=0)
    fields: list[str] | None = dynamic(None, doc="only these columns")


class GetOutputs(BaseModel):
    results: list[dict[str, Any]] | None
    """The rows; with FETCH_ONE the first one."""
    size: int | None
    """How many there are."""
    offset: int | None
    """As it was asked for."""
    uri: str | None
    """A file with a row a line, with STORE."""


class Post(Table):
    """Adds a row to a table."""

    data: dict[str, Any] = dynamic(doc="its columns")


class Update(Post):
    """Changes a row of a table."""

    sys_id: str = dynamic(doc="id of the row")


class Delete(Table):
    """Removes a row of a table."""

    sys_id: str = dynamic(doc="id of the row")


class RowOutputs(BaseModel):
    result: dict[str, Any]
    """The row as it is now."""


class DeleteOutputs(BaseModel):
    deleted: bool
    """Always true: a row that is not there fails the task."""


async def _sign_in(task: Table, session: Session) -> Mapping[str, str]:
    password = task.password.get_secret_value()
    more = task.headers or {}
    if task.client_id is None:
        return {**basic(task.username, password), **more}
    form = {
        "grant_type": "password",
        "client_id": task.client_id,
        "client_secret": task.client_secret.get_secret_value() if task.client_secret else None,
        "username": task.username,
        "password": password,
    }
    answer = await session.call(Call("POST", "/oauth_token.do", form=form, headers=more), signed=False)
    return {**bearer(answer["access_token"]), **more}


def _address(task: Table) -> str:
    return task.domain if "://" in task.domain else f"https://{task.domain}.service-now.com"


_SERVICE = Service(prefix="servicenow", address=_address, sign_in=_sign_in)


async def _pages(task: Get, session: Session) -> AsyncIterator[Sequence[Any]]:
    params = {
        "sysparm_query": task.query,
        "sysparm_limit": task.limit,
        "sysparm_offset": task.offset,
        "sysparm_fields": ",".join(task.fields) if task.fields else None,
    }
    yield (await session.call(Call("GET", at("/api/now/table/{}", task.table), params)))["result"]


def _named(task: Get, outputs: Outputs) -> Outputs:
    found = {name: value for name, value in outputs.items() if name not in ("rows", "row")}
    if "rows" in outputs or "row" in outputs:
        found["results"] = outputs.get("rows", [outputs["row"]] if "row" in outputs else [])
    return known({**found, "offset": task.offset})


def _row(_task: Table, answer: Answer) -> Outputs:
    return {"result": answer["result"]}


_HEAD = "domain: https://acme.service-now.com\nusername: reports\npassword: \"{{ secret('SERVICENOW') }}\"\ntable: incident\n"
GET = declared(
    _SERVICE,
    "Get",
    "Get rows of ServiceNow",
    Get,
    rows(_pages, _named),
    GetOutputs,
    f"{_HEAD}query: active=true^priority=1\nlimit: 10\nfields: [number, short_description]\n",
)
POST = declared(
    _SERVICE,
    "Post",
    "Add a row to ServiceNow",
    Post,
    one(lambda task: Call("POST", at("/api/now/table/{}", task.table), body=task.data), _row),
    RowOutputs,
    f"{_HEAD}data:\n  short_description: The load failed\n",
)
UPDATE = declared(
    _SERVICE,
    "Update",
    "Change a row of ServiceNow",
    Update,
    one(lambda task: Call("PUT", at("/api/now/table/{}/{}", task.table, task.sys_id), body=task.data), _row),
    RowOutputs,
    f"{_HEAD}sysId: a7ec77cbdefac300d322d182689619dc\ndata:\n  state: 6\n",
)
DELETE = declared(
    _SERVICE,
    "Delete",
    "Remove a row of ServiceNow",
    Delete,
    one(
        lambda task: Call("DELETE", at("/api/now/table/{}/{}", task.table, task.sys_id)),
        lambda _task, _answer: {"deleted": True},
    ),
    DeleteOutputs,
    f"{_HEAD}sysId: a7ec77cbdefac300d322d182689619dc\n",
)
