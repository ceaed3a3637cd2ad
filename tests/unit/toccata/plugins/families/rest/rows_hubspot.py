"""Rows of HubSpot."""

from __future__ import annotations

from typing import Any

from tests.unit.toccata.plugins.families.rest.table import BEARER, Asked, Row, ok
from toccata.plugin import TaskType
from toccata.plugins.families.rest import hubspot

HOST = "https://api.hubapi.com"
RECORD = ok({"id": "7", "properties": {"name": "Acme"}})


def _row(task_type: TaskType, method: str, target: str, body: Any = None) -> Row:
    """A record that is kept in a file."""
    return Row(
        task_type,
        HOST,
        [Asked(method, f"/crm/v3/objects/{target}", body, BEARER)],
        [RECORD],
        {"id": 7, "uri": "kestra://"},
    )


def _gone(task_type: TaskType, target: str) -> Row:
    return Row(
        task_type, HOST, [Asked("DELETE", f"/crm/v3/objects/{target}", None, BEARER)], [ok(b"", 204)], {}
    )


def _found(task_type: TaskType, kind: str) -> Row:
    path = f"/crm/v3/objects/{kind}/search"
    pages = [
        ok(
            {
                "total": 2,
                "results": [{"id": "1", "properties": {"name": "a"}}],
                "paging": {"next": {"after": "1"}},
            }
        ),
        ok({"total": 2, "results": [{"id": "2", "properties": {"name": "b"}}]}),
    ]
    asked = [
        Asked("POST", path, {"query": "acme", "limit": 10}, BEARER),
        Asked("POST", path, {"query": "acme", "limit": 10, "after": "1"}, BEARER),
    ]
    return Row(task_type, HOST, asked, pages, {"total": 2, "uri": "kestra://"})


def _with(record: int, kind: int) -> dict[str, Any]:
    return {
        "to": {"id": record},
        "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": kind}],
    }


ROWS = [
    _row(hubspot.COMPANY_CREATE, "POST", "companies",
         {"properties": {"name": "Acme", "domain": "acme.example.com", "type": "PARTNER", "city": "Berlin"}}),
    _row(hubspot.COMPANY_UPDATE, "PATCH", "companies/7", {"properties": {"industry": "AIRLINES_AVIATION"}}),
    _row(hubspot.COMPANY_GET, "GET", "companies/7?properties=name%2Ccity"),
    _gone(hubspot.COMPANY_DELETE, "companies/7"),
    _found(hubspot.COMPANY_SEARCH, "companies"),
    _row(hubspot.CONTACT_CREATE, "POST", "contacts",
         {"properties": {"email": "ada@example.com", "firstname": "Ada", "lifecyclestage": "lead"}}),
    _row(hubspot.CONTACT_UPDATE, "PATCH", "contacts/7", {"properties": {"jobtitle": "Engineer"}}),
    _row(hubspot.CONTACT_GET, "GET", "contacts/7"),
    _gone(hubspot.CONTACT_DELETE, "contacts/7"),
    _found(hubspot.CONTACT_SEARCH, "contacts"),
    _row(hubspot.DEAL_CREATE, "POST", "deals",
         {"properties": {"dealname": "Licences", "pipeline": "default", "dealstage": "presentationscheduled", "amount": 500.0},
          "associations": [_with(7, 341), _with(8, 3)]}),
    _row(hubspot.DEAL_UPDATE, "PATCH", "deals/7", {"properties": {"dealstage": "closedwon"}}),
    _row(hubspot.DEAL_GET, "GET", "deals/7"),
    _gone(hubspot.DEAL_DELETE, "deals/7"),
    _found(hubspot.DEAL_SEARCH, "deals"),
    _row(hubspot.TICKET_CREATE, "POST", "tickets",
         {"properties": {"subject": "The load failed", "content": "See the log.", "hs_pipeline_stage": 3, "hs_ticket_priority": "HIGH"}}),
]  # fmt: skip
