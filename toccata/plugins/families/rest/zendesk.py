"""Zendesk: tickets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator

from toccata.plugin import Outputs, Secret, TaskFailed, dynamic
from toccata.plugins.families.rest.api import (
    Answer,
    Call,
    Optioned,
    Service,
    Session,
    basic,
    bearer,
    declared,
    known,
    one,
    secret,
)


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


class Create(Optioned):
    """Opens a ticket."""

    domain: str = dynamic(doc="the account: `acme.zendesk.com`")
    username: str | None = dynamic(None, doc="whose `token` it is")
    token: Secret | None = dynamic(None, doc="a token of the interface")
    oauth_token: Secret | None = dynamic(None, doc="a token of OAuth, in place of both")
    subject: str | None = dynamic(None, doc="its title")
    description: str | None = dynamic(None, doc="its text")
    priority: Annotated[Literal["URGENT", "HIGH", "NORMAL", "LOW"], BeforeValidator(_upper)] | None = dynamic(
        None, doc="how urgent it is"
    )
    ticket_type: (
        Annotated[Literal["PROBLEM", "INCIDENT", "QUESTION", "TASK"], BeforeValidator(_upper)] | None
    ) = dynamic(None, doc="what kind it is of")
    assignee_id: int | None = dynamic(None, doc="who should answer it")
    tags: list[str] | None = dynamic(None, doc="its tags")


class CreateOutputs(BaseModel):
    url: str
    """Its address in the interface."""
    id: int
    """Its number."""


async def _sign_in(task: Create, session: Session) -> Mapping[str, str]:
    del session
    token, oauth = secret(task.token), secret(task.oauth_token)
    if token:
        return basic(f"{task.username}/token", token)
    if not oauth:
        raise TaskFailed("`username` with `token`, or `oauthToken` is needed")
    return bearer(oauth)


def _address(task: Create) -> str:
    return task.domain if "://" in task.domain else f"https://{task.domain}"


def _create(task: Create) -> Call:
    ticket = {
        "subject": task.subject,
        "description": task.description,
        "priority": task.priority.lower() if task.priority else None,
        "type": task.ticket_type.lower() if task.ticket_type else None,
        "assignee_id": task.assignee_id,
        "tags": task.tags,
    }
    return Call("POST", "/api/v2/tickets.json", body={"ticket": known(ticket)})


def _created(task: Create, answer: Answer) -> Outputs:
    ticket = answer["ticket"]
    default = f"{_address(task)}/api/v2/tickets/{ticket['id']}.json"
    return {"id": ticket["id"], "url": ticket.get("url") or default}


CREATE = declared(
    Service(prefix="zendesk.tickets", address=_address, sign_in=_sign_in),
    "Create",
    "Open a ticket of Zendesk",
    Create,
    one(_create, _created),
    CreateOutputs,
    "domain: https://acme.zendesk.com\nusername: reports@example.com\ntoken: \"{{ secret('ZENDESK') }}\"\n"
    "subject: The load failed\ndescription: See the log.\npriority: HIGH\nticketType: INCIDENT\ntags: [load]\n",
)
