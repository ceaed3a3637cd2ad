"""``toccata kv``: values of namespaces."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

from toccata.cli.api import Body, api_of, json_body, segment
from toccata.cli.errors import CommandError
from toccata.cli.option import Form
from toccata.cli.output import date, err, say, say_table, say_value
from toccata.cli.target.value import Target

_MOST = 10_000


def put(
    target: Target, name: tuple[str, str], value: str, *, ttl: str | None, description: str | None
) -> None:
    content = sys.stdin.buffer.read() if value == "-" else value.encode()
    headers = {key: text for key, text in (("ttl", ttl), ("description", description)) if text is not None}
    api_of(target).ask("PUT", _path(*name), body=Body(content, "text/plain", headers))
    say((name[1], "bold"), " ", ("stored", "green"))


def get(target: Target, namespace: str, key: str, form: Form) -> None:
    found = api_of(target).get(_path(namespace, key))
    if form != "table":
        say_value(found, form)
        return
    value = found["value"]
    sys.stdout.write((value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)) + "\n")


def list_all(target: Target, namespace: str | None, form: Form) -> None:
    query = [("namespace", namespace)] if namespace is not None else []
    found = list(api_of(target).pages("/kv", [*query, ("sort", "namespace,key")], _MOST))
    if form != "table":
        say_value(found, form)
    elif not found:
        err.print("There are no values.")
    else:
        say_table(("NAMESPACE", "KEY", "VERSION", "UPDATED", "EXPIRES", "DESCRIPTION"), map(_row, found))


def delete(target: Target, namespace: str, keys: Sequence[str]) -> None:
    """Says which keys had no value, and then fails."""
    api = api_of(target)
    deleted = api.ask("DELETE", f"/namespaces/{segment(namespace)}/kv", body=json_body({"keys": list(keys)}))[
        "keys"
    ]
    for key in deleted:
        say((key, "bold"), " ", ("deleted", "green"))
    missing = [key for key in dict.fromkeys(keys) if key not in deleted]
    if missing:
        raise CommandError(
            f"There is no value for {', '.join(missing)} in namespace {namespace}.",
            f"`toccata kv list {namespace}` shows those there are.",
        )


def _path(namespace: str, key: str) -> str:
    return f"/namespaces/{segment(namespace)}/kv/{segment(key)}"


def _row(entry: dict[str, Any]) -> tuple[str, ...]:
    expires = date(entry["expirationDate"]) if "expirationDate" in entry else "never"
    return (
        entry["namespace"],
        entry["key"],
        str(entry["version"]),
        date(entry["updateDate"]),
        expires,
        entry.get("description", ""),
    )
