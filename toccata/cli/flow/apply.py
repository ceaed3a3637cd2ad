"""Saves flows, as new ones or as new revisions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from toccata.cli.api import Api, Refusal, api_of, segment, yaml_body
from toccata.cli.errors import CommandError
from toccata.cli.output import say
from toccata.cli.source import Head, Source, head_of, read_files
from toccata.cli.target.value import Target

Change = Literal["created", "updated", "unchanged"]
_ABOUT_THE_FLOW = frozenset({400, 412, 413, 422})


def apply(target: Target, paths: Sequence[Path]) -> None:
    """Save every valid flow, also after an invalid one or an unreadable file."""
    read = read_files(paths)
    api = api_of(target)
    for problem in read.problems:
        say((problem, "red"))
    bad = sum(not _is_stored(api, source) for source in read.sources)
    if bad or read.problems:
        raise CommandError(_what_was_not(bad, len(read.sources), len(read.problems)))


def _is_stored(api: Api, source: Source) -> bool:
    try:
        store(api, source, head_of(source))
    except Refusal as refusal:
        if refusal.status not in _ABOUT_THE_FLOW:
            raise
        say_refusal(source, refusal)
        return False
    except CommandError as error:
        if error.advice:
            raise
        say((error.message, "red"))
        return False
    return True


def _what_was_not(bad: int, flows: int, files: int) -> str:
    parts = [f"{bad} of {flows} flows were not stored"] if bad else []
    parts += [f"{files} file{'s' if files > 1 else ''} could not be read"] if files else []
    return f"{', and '.join(parts)}."


def store(api: Api, source: Source, head: Head, *, quiet: bool = False) -> None:
    """Create the flow, or save a new revision if it differs. Raises Refusal."""
    path = f"/flows/{segment(head.namespace)}/{segment(head.flow_id)}"
    change: Change
    try:
        before = api.get(path)["revision"]
    except Refusal as refusal:
        if refusal.status != 404:
            raise
        change, stored = "created", api.ask("POST", "/flows", body=yaml_body(source.text))
    else:
        stored = api.ask("PUT", path, body=yaml_body(source.text))
        change = "unchanged" if stored["revision"] == before else "updated"
    if quiet:
        return
    say(
        (str(head), "bold"),
        f" revision {stored['revision']} ",
        (change, "green" if change != "unchanged" else "dim"),
    )


def say_refusal(source: Source, refusal: Refusal) -> None:
    """Print each violation with its place, or the whole text if the server names none."""
    from contracts.language.flow.violation import Violation

    for error in refusal.errors:
        said = Violation(str(error.get("detail", "")), str(error.get("path", "")))
        say((said.one_line(source.place(error.get("line", 0), error.get("column", 0))), "red"))
    if not refusal.errors:
        say((Violation(refusal.message).one_line(source.place(0, 0)), "red"))
