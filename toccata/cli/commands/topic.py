"""``toccata topics …``."""

from __future__ import annotations

from typing import Annotated

import typer

from toccata.cli.connection import connected
from toccata.cli.option import Foreign, Output, group
from toccata.cli.target.value import Target

app = group("Kafka topics: list, create, check.")


@app.command("list")
def list_topics(*, output: Output = "table") -> None:
    """The topics that Toccata has, who writes and who reads them. Asks no server."""
    from toccata.cli import topic

    topic.list_all(output)


@app.command("create")
@connected("kafka")
def create_topics(
    target: Target,
    *,
    replication: Annotated[int, typer.Option(min=1, help="Replicas of each topic: 3 on a cluster.")] = 1,
    acls: Annotated[
        bool, typer.Option("--acls", help="Also make the access rules. Kafka needs an authorizer for that.")
    ] = False,
    foreign: Foreign = None,
) -> None:
    """Create the topics that are missing."""
    from toccata.cli import topic

    topic.create(target, replication)
    if acls:
        topic.make_rules(target, foreign or [])


@app.command("acls")
@connected("kafka")
def list_rules(target: Target, *, foreign: Foreign = None, output: Output = "table") -> None:
    """What each principal may do, as commands of Kafka's own tool. Asks no server."""
    from toccata.cli import topic

    topic.list_rules(target, foreign or [], output)


@app.command("check")
@connected("kafka")
def check_topics(target: Target) -> None:
    """Compare the topics with what they must be."""
    from toccata.cli import topic

    topic.check(target)
