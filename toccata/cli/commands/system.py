"""The commands without a noun: processes, addresses, and the look at everything."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from toccata.cli.connection import connected
from toccata.cli.option import Foreign, Output
from toccata.cli.process import Service
from toccata.cli.target.value import Target

app = typer.Typer()

Who = Literal["person", "publisher", "subscriber", "operator"]

AcceptLoss = Annotated[
    bool, typer.Option("--accept-loss", help="Rebuild even if the topics no longer hold everything.")
]
Export = Annotated[
    bool,
    typer.Option("--export", help='As shell variables, passwords included: eval "$(toccata env --export)".'),
]


KafkaProperties = Annotated[
    bool,
    typer.Option(
        "--kafka-properties", help="As a properties file of Kafka's clients and tools, the password included."
    ),
]
As = Annotated[
    Who,
    typer.Option(
        "--as",
        help="Who signs in: to a standalone's own Kafka, or with --credentials. Operators may do everything.",
    ),
]
Credentials = Annotated[
    Path | None,
    typer.Option(
        "--credentials",
        help="The folder that `toccata credentials` filled, for a Kafka of your own.",
        show_default=False,
    ),
]
Operator = Annotated[
    bool, typer.Option("--operator", help="Also the operator, whom `super.users` of the brokers must name.")
]
Broker = Annotated[
    bool,
    typer.Option("--broker", help="Only the sign-in of a broker to itself, before it runs. Asks no server."),
]


@app.command()
def standalone() -> None:
    """Start everything on this machine. That is Kafka, PostgreSQL, and one of each service."""
    from toccata.cli.process import become

    become("toccata.standalone")


@app.command()
@connected("kafka")
def serve(
    target: Target,
    service: Annotated[Service, typer.Argument(metavar="SERVICE", help="Which one.", show_default=False)],
) -> None:
    """Run one service in the foreground."""
    from toccata.cli import process

    process.serve(target, service)


@app.command()
@connected("web", "kafka")
def env(  # noqa: PLR0913 - a parameter for each option
    target: Target,
    *,
    export: Export = False,
    kafka_properties: KafkaProperties = False,
    principal: As = "person",
    credentials: Credentials = None,
    output: Output = "table",
) -> None:
    """Which system the commands talk to. Says where each address comes from."""
    from toccata.cli import env as addresses

    client = addresses.Client(principal, credentials)
    if kafka_properties:
        addresses.kafka_properties(target, client)
    elif export:
        addresses.export(target, client)
    else:
        addresses.show(target, output)


@app.command()
@connected("kafka")
def credentials(
    target: Target,
    folder: Annotated[Path, typer.Argument(help="Where the passwords go, a folder for each principal.")],
    *,
    foreign: Foreign = None,
    operator: Operator = False,
    broker: Broker = False,
) -> None:
    """Make Kafka's users and rules, and PostgreSQL's roles.

    Their passwords become files in a folder. Run it as the super user of both."""
    from toccata.cli import credential

    if broker:
        credential.make_broker(folder)
    else:
        credential.make(target, folder, foreign or [], operator=operator)


@app.command()
@connected("kafka")
def rebuild(target: Target, *, accept_loss: AcceptLoss = False) -> None:
    """Make the projection again from the topics; indexers stand by."""
    from toccata.cli import process

    process.rebuild(target, accept_loss=accept_loss)


@app.command()
@connected("web", "kafka")
def doctor(target: Target, *, output: Output = "table") -> None:
    """Look at all that Toccata stands on, and say what to do."""
    from toccata.cli.doctor.examine import examine

    raise typer.Exit(examine(target, output))
