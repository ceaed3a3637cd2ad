"""Values of the KV store as the API shows them, and the texts that it takes for values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from contracts.language.stored_value import BadValue, check_key, literal
from contracts.language.types.duration import parse_duration
from contracts.namespace import ValueKind, ValueState
from contracts.scalars import to_iso
from services.web.core.problem import invalid_argument
from services.web.core.search.listing import Listing, anywhere, date, text
from services.web.core.view.page import Json

VALUES: Listing[ValueState] = Listing(
    "value",
    {
        "q": anywhere(lambda entry: f"{entry.key}\n{entry.namespace}\n{entry.description}"),
        "namespace": text(lambda entry: entry.namespace),
        "key": text(lambda entry: entry.key),
        "created": date(lambda entry: entry.created_at),
        "updated": date(lambda entry: entry.updated_at),
        "expirationDate": date(lambda entry: entry.expires_at),
    },
    {
        "key": lambda entry: entry.key,
        "namespace": lambda entry: entry.namespace,
        "creationDate": lambda entry: entry.created_at,
        "updateDate": lambda entry: entry.updated_at,
        "expirationDate": lambda entry: entry.expires_at,
    },
    "key",
)


def value_entry(value: ValueState) -> Json:
    """A value in a list, without the value itself."""
    entry: Json = {
        "namespace": value.namespace,
        "key": value.key,
        "version": value.version,
        "revision": value.version,
        "creationDate": to_iso(value.created_at),
        "updateDate": to_iso(value.updated_at),
    }
    if value.description:
        entry["description"] = value.description
    if value.expires_at is not None:
        entry["expirationDate"] = to_iso(value.expires_at)
    return entry


def value_view(value: ValueState, content: Any) -> Json:
    return {
        "type": value.kind,
        "value": content,
        "revision": value.version,
        "updated": to_iso(value.updated_at),
    }


def key_of(name: str) -> str:
    """Raises Problem 422 for what cannot be a key."""
    try:
        return check_key(name)
    except BadValue as error:
        raise invalid_argument(str(error)) from None


def read_value(key: str, body: bytes) -> tuple[ValueKind, str]:
    """Kind and JSON of a body. Raises Problem 422."""
    try:
        check_key(key)
        return literal(body.decode())
    except UnicodeDecodeError:
        raise invalid_argument("the value is not UTF-8 text") from None
    except BadValue as error:
        raise invalid_argument(str(error)) from None


def read_ttl(headers: Mapping[str, str]) -> timedelta | None:
    """The header ``ttl``. Raises Problem 422."""
    given = headers.get("ttl", "").strip()
    if not given:
        return None
    try:
        found = parse_duration(given)
    except ValueError as error:
        raise invalid_argument(f"header ttl: {error}") from None
    if found <= timedelta():
        raise invalid_argument("header ttl: must be more than zero")
    return found
