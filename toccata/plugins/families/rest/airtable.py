"""Airtable: records."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from toccata.plugin import FetchType, HttpFailed, Outputs, Secret, TaskFailed, dynamic, static
from toccata.plugins.families.rest.api import (
    Answer,
    Call,
    Optioned,
    Service,
    Session,
    at,
    by_token,
    declared,
    one,
    rows,
)

MOST_RECORDS = 10
"""That one request may add."""


class Table(Optioned):
    base_id: str = dynamic(doc="the base")
    table_id: str = dynamic(doc="id or name of the table")
    api_key: Secret = dynamic(doc="the token")
    endpoint: str = static("https://api.airtable.com/v0", doc="address of the service")


class Create(Table):
    """Adds records to a table."""

    fields: dict[str, Any] | None = dynamic(None, doc="the values of one record")
    records: list[dict[str, Any]] | None = dynamic(
        None, doc="the values of several records, in place of `fields`", max_length=MOST_RECORDS
    )
    typecast: bool = dynamic(default=False, doc="convert texts to the types of the fields")


class CreateOutputs(BaseModel):
    record: dict[str, Any]
    """The first record: `id`, `createdTime`, `fields`."""
    records: list[dict[str, Any]]
    """All records."""
    recordIds: list[str]  # noqa: N815 - the name of the output
    """Their ids."""


class Delete(Table):
    """Removes a record."""

    record_id: str = dynamic(doc="the record")


class Get(Table):
    """Gives a record."""

    record_id: str = dynamic(doc="the record")
    fields: list[str] | None = dynamic(None, doc="only these fields")
    fail_on_missing: bool = dynamic(default=False, doc="fail if there is no such record")


class GetOutputs(BaseModel):
    record: dict[str, Any] | None
    """The record: `id`, `createdTime`, `fields`."""


class Records(Table):
    """Gives records of a table."""

    fetch_type: FetchType = dynamic("FETCH", doc="where they go: outputs, a file, or nowhere")
    filter_by_formula: str | None = dynamic(None, doc="which: `AND({Status} != 'Done', {Priority} = 'High')`")
    fields: list[str] | None = dynamic(None, doc="only these fields")
    max_records: int | None = dynamic(None, doc="how many at most", ge=1)
    view: str | None = dynamic(None, doc="only those of this view, in its order")
    enable_auto_pagination: bool = dynamic(
        default=False, doc="true: all of them; false: the first hundred at most"
    )


class ListOutputs(BaseModel):
    rows: list[dict[str, Any]] | None
    """The records, with FETCH."""
    row: dict[str, Any] | None
    """The first one, with FETCH_ONE."""
    uri: str | None
    """A file with a record a line, with STORE."""
    size: int | None
    """How many there are."""


class Update(Table):
    """Changes fields of a record."""

    record_id: str = dynamic(doc="the record")
    fields: dict[str, Any] = dynamic(doc="the values")
    typecast: bool = dynamic(default=False, doc="convert texts to the types of the fields")


class UpdateOutputs(BaseModel):
    record: dict[str, Any]
    """The record as it is now."""
    recordId: str  # noqa: N815 - the name of the output
    """Its id."""


_SERVICE = Service(prefix="airtable.records", address=lambda task: task.endpoint, sign_in=by_token("api_key"))


def _path(task: Table) -> str:
    return at("/{}/{}", task.base_id, task.table_id)


def _of_record(task: Delete | Get | Update) -> str:
    return at("/{}/{}/{}", task.base_id, task.table_id, task.record_id)


def _create(task: Create) -> Call:
    if bool(task.fields) == bool(task.records):
        raise TaskFailed("either `fields` or `records` is needed, and not both")
    records = task.records or [task.fields or {}]
    body: dict[str, Any] = {"records": [{"fields": each} for each in records]}
    return Call("POST", _path(task), body={**body, **({"typecast": True} if task.typecast else {})})


def _created(_task: Create, answer: Answer) -> Outputs:
    records = answer["records"]
    return {"record": records[0], "records": records, "recordIds": [each["id"] for each in records]}


async def _get(task: Get, session: Session) -> Outputs:
    try:
        answer = await session.call(Call("GET", _of_record(task)))
    except HttpFailed as failed:
        if failed.status != 404 or task.fail_on_missing:
            raise
        session.run.log("WARN", f"There is no record `{task.record_id}`")
        return {}
    record: Mapping[str, Any] = answer.body
    if task.fields:  # the interface gives all of them
        kept = {name: value for name, value in answer["fields"].items() if name in task.fields}
        record = {**record, "fields": kept}
    return {"record": record}


async def _pages(task: Records, session: Session) -> AsyncIterator[Sequence[Any]]:
    params = {
        "filterByFormula": task.filter_by_formula,
        "fields[]": task.fields,
        "maxRecords": task.max_records,
        "view": task.view,
    }
    offset = None
    while True:
        answer = await session.call(Call("GET", _path(task), {**params, "offset": offset}))
        yield answer["records"]
        offset = answer.body.get("offset")
        if not offset or not task.enable_auto_pagination:
            return


def _update(task: Update) -> Call:
    body: dict[str, Any] = {"fields": task.fields, **({"typecast": True} if task.typecast else {})}
    return Call("PATCH", _of_record(task), body=body)


_HEAD = "endpoint: https://api.airtable.com/v0\nbaseId: appOrders\ntableId: Orders\napiKey: \"{{ secret('AIRTABLE') }}\"\n"
_RECORD = "recordId: recOne\n"
CREATE = declared(
    _SERVICE,
    "Create",
    "Add records to Airtable",
    Create,
    one(_create, _created),
    CreateOutputs,
    f"{_HEAD}records:\n  - Customer: Ada\n    Amount: 3\n  - Customer: Ben\n    Amount: 4\ntypecast: true\n",
)
DELETE = declared(
    _SERVICE,
    "Delete",
    "Remove a record of Airtable",
    Delete,
    one(lambda task: Call("DELETE", _of_record(task))),
    None,
    _HEAD + _RECORD,
)
GET = declared(
    _SERVICE,
    "Get",
    "Get a record of Airtable",
    Get,
    _get,
    GetOutputs,
    f"{_HEAD}{_RECORD}fields: [Customer]\n",
)
LIST = declared(
    _SERVICE,
    "List",
    "List records of Airtable",
    Records,
    rows(_pages),
    ListOutputs,
    f"{_HEAD}filterByFormula: \"{{Customer}} = 'Ada'\"\nfields: [Customer, Amount]\nenableAutoPagination: true\n",
)
UPDATE = declared(
    _SERVICE,
    "Update",
    "Change a record of Airtable",
    Update,
    one(_update, lambda _task, answer: {"record": answer.body, "recordId": answer["id"]}),
    UpdateOutputs,
    f"{_HEAD}{_RECORD}fields:\n  Amount: 5\n",
)
