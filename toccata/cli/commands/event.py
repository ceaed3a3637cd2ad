"""``toccata events …``."""

from __future__ import annotations

from typing import Annotated

import typer

from toccata.cli.connection import connected
from toccata.cli.option import Output, group
from toccata.cli.target.value import Target

app = group("Events on Kafka: publish, tail.")


@app.command("publish")
@connected("web", "kafka")
def publish_event(  # noqa: PLR0913 - the attributes of a CloudEvent
    target: Target,
    *,
    kind: Annotated[str, typer.Option("--type", help="Type of the event.", show_default=False)],
    source: Annotated[str, typer.Option(help="Where it comes from.")] = "/toccata/cli",
    subject: Annotated[
        str | None, typer.Option(help="What it is about; the record's key.", show_default=False)
    ] = None,
    event_id: Annotated[
        str | None,
        typer.Option("--id", help="Default: a random id. A repeated id starts nothing.", show_default=False),
    ] = None,
    data: Annotated[
        str | None, typer.Option(help="JSON, @file, or @- for standard input.", show_default=False)
    ] = None,
    topic: Annotated[str, typer.Option(help="Topic.")] = "events",
    output: Output = "table",
) -> None:
    """Publish a CloudEvent to Kafka. Says which triggers wait for it."""
    from toccata.cli.event.publish import Event, publish

    publish(target, Event(kind, source, subject, event_id, data), topic, output)


@app.command("tail")
@connected("kafka")
def tail_events(  # noqa: PLR0913 - what narrows the view
    target: Target,
    topic: Annotated[
        str, typer.Argument(metavar="TOPIC", help="A public topic, or any other.")
    ] = "executions.events",
    *,
    start: Annotated[
        str,
        typer.Option(
            "--from",
            help="Where to begin: latest, earliest, a time (2026-01-31T12:00:00Z), or how long ago (10m, 2h).",
        ),
    ] = "latest",
    execution: Annotated[str | None, typer.Option(help="Only of this execution.", show_default=False)] = None,
    count: Annotated[
        int | None,
        typer.Option("--count", "-c", min=1, help="Stop after this many records.", show_default=False),
    ] = None,
    output: Output = "table",
) -> None:
    """Show events as they come. With -o json one line each."""
    from toccata.cli.event.tail import Window, tail

    tail(target, topic, Window(start, execution, count), output)
