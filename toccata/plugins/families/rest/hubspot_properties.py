"""Properties of the types of HubSpot, and how its interface names them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator

from toccata.plugin import Secret, dynamic, static
from toccata.plugins.families.rest.api import Optioned


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


class Hubspot(Optioned):
    api_key: Secret | None = dynamic(None, doc="the token of a private application")
    oauth_token: Secret | None = dynamic(None, doc="a token of OAuth, in its place")
    endpoint: str = static("https://api.hubapi.com", doc="address of the service")


class Written(Hubspot):
    additional_properties: dict[str, Any] | None = dynamic(
        None, doc="further properties, with their names in HubSpot"
    )


class Company(Written):
    name: str | None = dynamic(None, doc="its name")
    domain: str | None = dynamic(None, doc="its domain")
    company_description: str | None = dynamic(None, doc="what it does")
    industry: str | None = dynamic(None, doc="its industry")
    company_type: str | None = dynamic(None, doc="what it is to you: `PARTNER`")


class CreateCompany(Company):
    """Adds a company."""

    name: str = dynamic(doc="its name")
    domain: str = dynamic(doc="its domain")


class UpdateCompany(Company):
    """Changes a company."""

    company_id: str = dynamic(doc="the company")


class OfCompany(Hubspot):
    """Removes a company."""

    company_id: str = dynamic(doc="the company")


class GetCompany(OfCompany):
    """Gives a company."""

    properties: list[str] | None = dynamic(None, doc="only these properties; default: HubSpot's choice")


class Contact(Written):
    email: str | None = dynamic(None, doc="their address")
    first_name: str | None = dynamic(None, doc="their first name")
    last_name: str | None = dynamic(None, doc="their last name")
    phone: str | None = dynamic(None, doc="their phone number")
    job_title: str | None = dynamic(None, doc="what they work as")
    lifecycle_stage: str | None = dynamic(None, doc="what they are to you: `lead`, `customer`")


class CreateContact(Contact):
    """Adds a contact."""

    email: str = dynamic(doc="their address")


class UpdateContact(Contact):
    """Changes a contact."""

    contact_id: str = dynamic(doc="the contact")


class OfContact(Hubspot):
    """Removes a contact."""

    contact_id: str = dynamic(doc="the contact")


class GetContact(OfContact):
    """Gives a contact."""

    properties: list[str] | None = dynamic(None, doc="only these properties; default: HubSpot's choice")


class Deal(Written):
    name: str | None = dynamic(None, doc="its name")
    pipeline: str | None = dynamic(None, doc="its pipeline")
    stage: str | None = dynamic(None, doc="its stage there")
    amount: float | None = dynamic(None, doc="what it is worth")
    close_date: str | None = dynamic(None, doc="when it closes")
    deal_type: str | None = dynamic(None, doc="`newbusiness` or `existingbusiness`")
    associated_company_ids: list[int] | None = dynamic(None, doc="companies that it is with")
    associated_contact_ids: list[int] | None = dynamic(None, doc="contacts that it is with")


class CreateDeal(Deal):
    """Adds a deal."""

    name: str = dynamic(doc="its name")
    pipeline: str = dynamic(doc="its pipeline")
    stage: str = dynamic(doc="its stage there")


class OfDeal(Hubspot):
    """Removes a deal."""

    deal_id: str = dynamic(doc="the deal")


class GetDeal(OfDeal):
    """Gives a deal."""

    properties: list[str] | None = dynamic(None, doc="only these properties; default: HubSpot's choice")


class UpdateDeal(Deal):
    """Changes a deal."""

    deal_id: str = dynamic(doc="the deal")
    associated_company_ids: list[int] | None = dynamic(
        None, ignored="HubSpot takes associations only of new deals here"
    )
    associated_contact_ids: list[int] | None = dynamic(
        None, ignored="HubSpot takes associations only of new deals here"
    )


class CreateTicket(Written):
    """Opens a ticket."""

    subject: str | None = dynamic(None, doc="its title")
    content: str | None = dynamic(None, doc="its text")
    pipeline: int | None = dynamic(None, doc="its pipeline")
    stage: int = dynamic(1, doc="its stage there")
    priority: Annotated[Literal["LOW", "MEDIUM", "HIGH"], BeforeValidator(_upper)] | None = dynamic(
        None, doc="how urgent it is"
    )


class RecordOutputs(BaseModel):
    id: int
    """Of the record."""
    uri: str
    """A file with the record's properties."""


class Search(Hubspot):
    """Finds records, and puts their properties into a file."""

    query: str | None = dynamic(None, doc="words that they have")
    filter_groups: list[dict[str, Any]] | None = dynamic(None, doc="filters, as HubSpot writes them")
    properties: list[str] | None = dynamic(None, doc="only these properties; default: HubSpot's choice")
    limit: int = dynamic(10, doc="how many of one page", ge=1, le=100)
    after: str | None = dynamic(None, doc="the page to begin with")
    sorts: list[dict[str, str]] | None = dynamic(None, doc="their order, as HubSpot writes it")
    fetch_all_pages: bool = dynamic(default=False, doc="true: all pages; false: the first one")


class SearchOutputs(BaseModel):
    total: int
    """How many are in the file."""
    uri: str
    """A file with the properties of a record a line."""


COMPANY = {
    "name": "name", "domain": "domain", "company_description": "description", "industry": "industry", "company_type": "type",
}  # fmt: skip
CONTACT = {
    "email": "email", "first_name": "firstname", "last_name": "lastname", "phone": "phone", "job_title": "jobtitle",
    "lifecycle_stage": "lifecyclestage",
}  # fmt: skip
DEAL = {
    "name": "dealname", "pipeline": "pipeline", "stage": "dealstage", "amount": "amount", "close_date": "closedate", "deal_type": "dealtype",
}  # fmt: skip
TICKET = {
    "subject": "subject", "content": "content", "pipeline": "hs_pipeline", "stage": "hs_pipeline_stage", "priority": "hs_ticket_priority",
}  # fmt: skip
"""Of each kind, the names of properties here and in HubSpot."""
