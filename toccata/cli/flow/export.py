"""Writes the sources of flows into files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from toccata.cli.api import Refusal, api_of, segment
from toccata.cli.errors import CommandError
from toccata.cli.flow.read import unknown_flow
from toccata.cli.output import err, say
from toccata.cli.source import Head, parse_name
from toccata.cli.target.value import Target

_MOST = 100_000


def export(target: Target, names: Sequence[str], folder: Path, namespace: str | None) -> None:
    """Write one file ``namespace.flow.yml`` for each flow. Without names, write all flows."""
    api = api_of(target)
    heads = [parse_name(name) for name in names]
    if not heads:
        query = [("namespace", namespace)] if namespace else []
        found = api.pages("/flows/search", query, _MOST)
        heads = sorted((Head(each["namespace"], each["id"]) for each in found), key=str)
    for head in heads:
        try:
            flow = api.get(f"/flows/{segment(head.namespace)}/{segment(head.flow_id)}", [("source", "true")])
        except Refusal as refusal:
            raise unknown_flow(refusal, head) from refusal
        try:
            folder.mkdir(parents=True, exist_ok=True)
            file = folder / f"{head}.yml"
            file.write_text(flow["source"], "utf-8")
        except OSError as error:
            raise CommandError(
                f"{folder} cannot be written to: {error.strerror}.", "Name a folder with --to."
            ) from error
        say(f"{file} revision {flow['revision']}")
    if not heads:
        err.print("There are no flows.")
