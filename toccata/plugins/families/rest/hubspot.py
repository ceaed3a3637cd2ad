"""HubSpot: companies, contacts, deals and tickets. They are records of four kinds, with the same five operations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel

from toccata.plugin import Outputs, TaskFailed, TaskType, row_file
from toccata.plugins.families.rest import hubspot_properties as of
from toccata.plugins.families.rest.api import (
    Answer,
    Call,
    Do,
    Service,
    Session,
    at,
    bearer,
    declared,
    known,
    secret,
)

_TO_COMPANY, _TO_CONTACT = 341, 3
"""HubSpot's numbers for what a deal is to a company and to a contact."""


async def _sign_in(task: of.Hubspot, session: Session) -> Mapping[str, str]:
    del session
    token = secret(task.api_key) or secret(task.oauth_token)
    if not token:
        raise TaskFailed("`apiKey` or `oauthToken` is needed")
    return bearer(token)


def _body(task: of.Written, names: Mapping[str, str]) -> dict[str, Any]:
    values = known({theirs: getattr(task, ours) for ours, theirs in names.items()})
    body: dict[str, Any] = {"properties": {**values, **(task.additional_properties or {})}}
    if isinstance(task, of.CreateDeal):
        companies, contacts = task.associated_company_ids or (), task.associated_contact_ids or ()
        body["associations"] = [
            *(_association(each, _TO_COMPANY) for each in companies),
            *(_association(each, _TO_CONTACT) for each in contacts),
        ]
    return {name: value for name, value in body.items() if value}


def _association(record: int, kind: int) -> dict[str, Any]:
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": kind}]
    return {"to": {"id": record}, "types": types}


async def _kept(session: Session, answer: Answer) -> Outputs:
    async with row_file(session.run) as file:
        await file.write([answer["properties"]])
        return {"id": int(answer["id"]), "uri": await file.stored()}


def _asking(call: Callable[[Any], Call]) -> Do:
    async def do(task: Any, session: Session) -> Outputs:
        return await _kept(session, await session.call(call(task)))

    return do


def _create(path: str, names: Mapping[str, str]) -> Do:
    return _asking(lambda task: Call("POST", path, body=_body(task, names)))


def _update(path: str, key: str, names: Mapping[str, str]) -> Do:
    return _asking(lambda task: Call("PATCH", path + at("/{}", getattr(task, key)), body=_body(task, names)))


def _get(path: str, key: str) -> Do:
    def call(task: Any) -> Call:
        properties = ",".join(task.properties) if task.properties else None
        return Call("GET", path + at("/{}", getattr(task, key)), {"properties": properties})

    return _asking(call)


def _delete(path: str, key: str) -> Do:
    async def do(task: Any, session: Session) -> None:
        await session.call(Call("DELETE", path + at("/{}", getattr(task, key))))

    return do


def _search(path: str) -> Do:
    async def do(task: of.Search, session: Session) -> Outputs:
        body = {
            "query": task.query,
            "filterGroups": task.filter_groups,
            "properties": task.properties,
            "limit": task.limit,
            "after": task.after,
            "sorts": task.sorts,
        }
        async with row_file(session.run) as file:
            while True:
                answer = await session.call(Call("POST", f"{path}/search", body=known(body)))
                await file.write([each.get("properties") or {} for each in answer["results"]])
                following = (answer.body.get("paging") or {}).get("next") or {}
                body["after"] = following.get("after")
                if not body["after"] or not task.fetch_all_pages:
                    return {"total": file.count, "uri": await file.stored()}

    return do


_HEAD = "endpoint: https://api.hubapi.com\napiKey: \"{{ secret('HUBSPOT') }}\"\n"
_FIND = "query: acme\nfetchAllPages: true\n"
_PATH = "/crm/v3/objects/"


def _type(  # noqa: PLR0913 - what types differ in
    name: str,
    title: str,
    properties: type[of.Hubspot],
    do: Do,
    example: str,
    outputs: type[BaseModel] | None = of.RecordOutputs,
) -> TaskType:
    service = Service(prefix="hubspot", address=lambda task: task.endpoint, sign_in=_sign_in)
    return declared(service, name, title, properties, do, outputs, _HEAD + example)


_C, _P, _D = f"{_PATH}companies", f"{_PATH}contacts", f"{_PATH}deals"
_ONE = 'companyId: "7"\n'
_WHO = 'contactId: "7"\n'
_WHAT = 'dealId: "7"\n'
COMPANY_CREATE = _type(
    "companies.Create",
    "Add a company to HubSpot",
    of.CreateCompany,
    _create(_C, of.COMPANY),
    "name: Acme\ndomain: acme.example.com\ncompanyType: PARTNER\nadditionalProperties:\n  city: Berlin\n",
)
COMPANY_UPDATE = _type(
    "companies.Update",
    "Change a company of HubSpot",
    of.UpdateCompany,
    _update(_C, "company_id", of.COMPANY),
    f"{_ONE}industry: AIRLINES_AVIATION\n",
)
COMPANY_GET = _type(
    "companies.Get",
    "Get a company of HubSpot",
    of.GetCompany,
    _get(_C, "company_id"),
    f"{_ONE}properties: [name, city]\n",
)
COMPANY_DELETE = _type(
    "companies.Delete", "Remove a company of HubSpot", of.OfCompany, _delete(_C, "company_id"), _ONE, None
)
COMPANY_SEARCH = _type(
    "companies.Search", "Find companies of HubSpot", of.Search, _search(_C), _FIND, of.SearchOutputs
)
CONTACT_CREATE = _type(
    "contacts.Create",
    "Add a contact to HubSpot",
    of.CreateContact,
    _create(_P, of.CONTACT),
    "email: ada@example.com\nfirstName: Ada\nlifecycleStage: lead\n",
)
CONTACT_UPDATE = _type(
    "contacts.Update",
    "Change a contact of HubSpot",
    of.UpdateContact,
    _update(_P, "contact_id", of.CONTACT),
    f"{_WHO}jobTitle: Engineer\n",
)
CONTACT_GET = _type("contacts.Get", "Get a contact of HubSpot", of.GetContact, _get(_P, "contact_id"), _WHO)
CONTACT_DELETE = _type(
    "contacts.Delete", "Remove a contact of HubSpot", of.OfContact, _delete(_P, "contact_id"), _WHO, None
)
CONTACT_SEARCH = _type(
    "contacts.Search", "Find contacts of HubSpot", of.Search, _search(_P), _FIND, of.SearchOutputs
)
DEAL_CREATE = _type(
    "deals.Create",
    "Add a deal to HubSpot",
    of.CreateDeal,
    _create(_D, of.DEAL),
    "name: Licences\npipeline: default\nstage: presentationscheduled\namount: 500\nassociatedCompanyIds: [7]\nassociatedContactIds: [8]\n",
)
DEAL_GET = _type("deals.Get", "Get a deal of HubSpot", of.GetDeal, _get(_D, "deal_id"), _WHAT)
DEAL_DELETE = _type(
    "deals.Delete", "Remove a deal of HubSpot", of.OfDeal, _delete(_D, "deal_id"), _WHAT, None
)
DEAL_SEARCH = _type("deals.Search", "Find deals of HubSpot", of.Search, _search(_D), _FIND, of.SearchOutputs)
DEAL_UPDATE = _type(
    "deals.Update",
    "Change a deal of HubSpot",
    of.UpdateDeal,
    _update(_D, "deal_id", of.DEAL),
    f"{_WHAT}stage: closedwon\n",
)
TICKET_CREATE = _type(
    "tickets.Create",
    "Open a ticket of HubSpot",
    of.CreateTicket,
    _create(f"{_PATH}tickets", of.TICKET),
    "subject: The load failed\ncontent: See the log.\nstage: 3\npriority: HIGH\n",
)
