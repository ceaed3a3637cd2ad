"""A finding about the system that is checked, and one for each part whose address is not known."""

from __future__ import annotations

from collections.abc import Iterator

from toccata.cli.doctor.finding import Finding
from toccata.cli.target.value import Target, Unknown


def addresses(target: Target) -> Iterator[Finding]:
    parts = {"web": target.url, "Kafka": target.kafka, "database": target.database}
    unknown = {name: value for name, value in parts.items() if isinstance(value, Unknown)}
    sources = [value.source for value in parts.values() if not isinstance(value, Unknown)]
    text = f"from {', '.join(dict.fromkeys(sources))}; `toccata env` shows them"
    yield Finding("addresses", "ok", text)
    for value in unknown.values():
        yield Finding("addresses", "warn", value.reason, value.advice)
    if target.token is None and (
        isinstance(target.username, Unknown) or isinstance(target.password, Unknown)
    ):
        why = target.username if isinstance(target.username, Unknown) else target.password
        assert isinstance(why, Unknown)
        yield Finding("addresses", "warn", why.reason, why.advice)
