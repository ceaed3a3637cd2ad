"""Deletes flows."""

from __future__ import annotations

from collections.abc import Sequence

from toccata.cli.api import Refusal, api_of, segment
from toccata.cli.flow.read import unknown_flow
from toccata.cli.output import say
from toccata.cli.source import parse_name
from toccata.cli.target.value import Target


def delete(target: Target, names: Sequence[str]) -> None:
    """Delete one after the other, and stop at the first that does not exist. A malformed name deletes nothing."""
    heads = [parse_name(name) for name in names]
    api = api_of(target)
    for head in heads:
        try:
            api.ask("DELETE", f"/flows/{segment(head.namespace)}/{segment(head.flow_id)}")
        except Refusal as refusal:
            raise unknown_flow(refusal, head) from refusal
        say((str(head), "bold"), " ", ("deleted", "green"))
