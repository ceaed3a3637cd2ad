"""Ids, instants and JSON values. A decision derives its ids from its input; they are never random."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import blake2b
from typing import Annotated, Any, NewType, TypeAlias

from msgspec import Meta

AttemptId = NewType("AttemptId", str)

Millis: TypeAlias = int
"""An instant: milliseconds since 1970-01-01T00:00:00Z."""
_FIRST_MILLIS, _LAST_MILLIS = -62_135_596_800_000, 253_402_300_799_999
GivenMillis: TypeAlias = Annotated[int, Meta(ge=_FIRST_MILLIS, le=_LAST_MILLIS)]
"""An instant from outside: within the years 1 to 9999."""

Count: TypeAlias = Annotated[int, Meta(ge=0, le=2**31 - 1)]
"""A number that a column of the projection can hold."""
Id: TypeAlias = Annotated[str, Meta(pattern=r"^[0-9A-Za-z_-]{1,100}$(?!\n)")]
"""An execution id from outside. It becomes part of timer names, paths and URLs."""
Name: TypeAlias = Annotated[str, Meta(pattern=r"^[0-9A-Za-z._-]{1,200}$(?!\n)")]
"""The name of a namespace, a flow or a similar part, from outside."""
Text: TypeAlias = Annotated[str, Meta(max_length=1_000, pattern=r"^[^\x00-\x1f]*$(?!\n)")]
"""A short text without control characters, which the database and log lines cannot hold."""

JsonValue: TypeAlias = Any
"""Any JSON value. The type is Any because msgspec cannot decode recursive aliases."""
JsonObject: TypeAlias = dict[str, Any]

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_ID_LENGTH = 22


def base62(number: int) -> str:
    """Return 128 bits as 22 characters of ``[0-9A-Za-z]``, zero-padded. Kestra's clients expect 20 or more, without dashes."""
    digits = []
    while number:
        number, rest = divmod(number, 62)
        digits.append(_ALPHABET[rest])
    return "".join(reversed(digits)).rjust(_ID_LENGTH, "0")


def derive_id(*parts: str) -> str:
    """Return the id of these parts. The same parts give the same id, on every machine and for ever."""
    digest = blake2b("\x1f".join(parts).encode(), digest_size=16).digest()
    return base62(int.from_bytes(digest, "big"))


def attempt_id(task_run_id: str, number: int) -> AttemptId:
    return AttemptId(f"{task_run_id}-{number}")


def execution_folders(namespace: str, flow_id: str, execution_id: str) -> list[str]:
    """Where the files of an execution stand in internal storage."""
    return [*namespace.split("."), flow_id, "executions", execution_id]


def to_millis(instant: datetime) -> Millis:
    return round(instant.timestamp() * 1000)


def to_datetime(at: Millis) -> datetime:
    """Convert an instant. One outside of the years 1 to 9999 is a mistake, and becomes the nearest inside."""
    return datetime.fromtimestamp(min(max(at, _FIRST_MILLIS), _LAST_MILLIS) / 1000, UTC)


def to_iso(at: Millis) -> str:
    """RFC 3339 in UTC with milliseconds: ``2026-03-01T08:15:30.120Z``."""
    return to_datetime(at).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def flow_key(namespace: str, flow_id: str) -> str:
    return f"{namespace}/{flow_id}"


def trigger_key(namespace: str, flow_id: str, trigger_id: str) -> str:
    return f"{namespace}/{flow_id}/{trigger_id}"
