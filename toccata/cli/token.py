"""``toccata token``: makes, lists and revokes API tokens."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from toccata.cli.api import Refusal, api_of, json_body, segment
from toccata.cli.errors import CommandError
from toccata.cli.option import Form
from toccata.cli.output import date, err, say, say_table, say_value
from toccata.cli.target.value import Target

_PATH = "/x/tokens"


def create(target: Target, name: str, *, read_only: bool, days: int | None) -> None:
    """The token alone goes to standard output, so that a shell can take it."""
    wanted = {"name": name, "scope": "read" if read_only else "full", "expiresInDays": days}
    made = api_of(target).ask("POST", _PATH, body=json_body(wanted))
    sys.stdout.write(f"{made['token']}\n")
    until = f"until {date(made['expires'])}" if "expires" in made else "until it is revoked"
    err.print(f"This is the only time that the token is shown. It counts {until}.")


def list_all(target: Target, form: Form) -> None:
    found = api_of(target).get(_PATH)["results"]
    if form != "table":
        say_value(found, form)
    elif not found:
        err.print("There are no tokens.")
    else:
        say_table(("NAME", "ID", "MAY", "CREATED", "EXPIRES"), [_row(each) for each in found])


def revoke(target: Target, names: Sequence[str]) -> None:
    """A wrong name revokes nothing."""
    api = api_of(target)
    there = api.get(_PATH)["results"]
    for token in [_named(name, there) for name in names]:
        try:
            api.ask("DELETE", f"{_PATH}/{segment(token['id'])}")
        except Refusal as refusal:
            if refusal.status != 404:
                raise
        say((token["name"], "bold"), " ", ("revoked", "green"))


def _named(name: str, there: Sequence[dict[str, Any]]) -> dict[str, Any]:
    found = [each for each in there if name in (each["id"], each["name"])]
    if not found:
        raise CommandError(f"There is no token {name}.", "`toccata token list` shows those there are.")
    if len(found) > 1:
        raise CommandError(f"{len(found)} tokens have the name {name}.", "Give the id of one of them.")
    return found[0]


def _row(token: dict[str, Any]) -> tuple[str | tuple[str, str], ...]:
    may = "read" if token["scope"] == "read" else "read and change"
    expires = date(token["expires"]) if "expires" in token else "never"
    ends = (f"{expires} (expired)", "red") if token["expired"] else expires
    return token["name"], token["id"], may, date(token["created"]), ends
