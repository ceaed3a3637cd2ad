"""The commands, their arguments and help. Each imports what it needs when it runs, so that ``--help`` is quick.

It must never do anything itself.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from toccata.cli.process import Service

Table = Literal["table", "json"]
Level = Literal["TRACE", "DEBUG", "INFO", "WARN", "ERROR"]

Files = Annotated[list[Path], typer.Argument(help="YAML files, or folders with them.", show_default=False)]
Executions = Annotated[list[str], typer.Argument(metavar="EXECUTION...", help="Ids.", show_default=False)]
Execution = Annotated[str, typer.Argument(metavar="EXECUTION", help="Its id.", show_default=False)]
Output = Annotated[Table, typer.Option("--output", "-o", help="For people, or for programs.")]
Json = Annotated[bool, typer.Option("--json", help="For programs.")]


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it with the value
    if wanted:
        from toccata.version import version

        typer.echo(f"toccata {version()}")
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
]
Follow = Annotated[bool, typer.Option("--follow", "-f", help="Go on until it has ended.")]
AcceptLoss = Annotated[
    bool, typer.Option("--accept-loss", help="Also when the topics no longer hold everything.")
]


def _group(text: str) -> typer.Typer:
    return typer.Typer(help=text, no_args_is_help=True, rich_markup_mode=None)


app = typer.Typer(
    name="toccata",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    epilog="Addresses come from TOCCATA_URL, TOCCATA_KAFKA_BOOTSTRAP_SERVERS and TOCCATA_DATABASE_URL, else from the"
    " standalone that runs on TOCCATA_HOME (.toccata).",
)
topics = _group("Kafka topics: create what is missing, check what is there.")
flow = _group("Flows: validate, apply, export.")
events = _group("Events on Kafka: publish, tail.")
execution = _group("Executions: list, get, logs, kill, restart.")
plugin = _group("Task and trigger types: list, documentation.")


@app.callback()
def root(*, version: Version = False) -> None:
    """Toccata: event-driven workflows on Kafka."""


@app.command()
def standalone() -> None:
    """Start everything on this machine: embedded Kafka and PostgreSQL, and one of each service."""
    from toccata.cli.process import become

    become("toccata.standalone")


@app.command()
def serve(service: Annotated[Service, typer.Argument(help="Which one.", show_default=False)]) -> None:
    """Run one service in the foreground."""
    from toccata.cli import process

    process.serve(service)


@app.command()
def env() -> None:
    """Addresses of the running standalone as shell variables: eval "$(toccata env)"."""
    from toccata.cli.errors import CommandError
    from toccata.cli.settings import read_settings
    from toccata.standalone.environment import shell_variables
    from toccata.standalone.errors import StandaloneError

    try:
        typer.echo(shell_variables(read_settings().home), nl=False)
    except StandaloneError as error:
        raise CommandError(str(error)) from error


@topics.command("create")
def topics_create(
    replication: Annotated[int, typer.Option(min=1, help="Replicas of each topic: 3 on a cluster.")] = 1,
) -> None:
    """Create the topics that are missing."""
    from toccata.cli import topic

    topic.create(replication)


@topics.command("check")
def topics_check() -> None:
    """Compare the topics with what they must be."""
    from toccata.cli import topic

    topic.check()


@flow.command("validate")
def flow_validate(files: Files) -> None:
    """Check flows on this machine; problems are shown as file:line:column."""
    from toccata.cli import flow

    flow.validate(files)


@flow.command("apply")
def flow_apply(files: Files) -> None:
    """Create flows, or store new revisions of them."""
    from toccata.cli import flow

    flow.apply(files)


@flow.command("export")
def flow_export(
    flows: Annotated[
        list[str] | None, typer.Argument(help="namespace.flow; default: all.", show_default=False)
    ] = None,
    to: Annotated[Path, typer.Option(help="Folder to write the files to.")] = Path(),
    namespace: Annotated[
        str | None, typer.Option("--namespace", "-n", help="Only this one and below.")
    ] = None,
) -> None:
    """Write the sources of flows into files."""
    from toccata.cli import flow

    flow.export(flows or [], to, namespace)


@app.command()
def run(
    flow: Annotated[
        str, typer.Argument(help="namespace.flow, or a file, which is applied first.", show_default=False)
    ],
    inputs: Annotated[list[str] | None, typer.Option("--input", "-i", help="key=value, repeatable.")] = None,
    label: Annotated[list[str] | None, typer.Option("--label", "-l", help="key=value, repeatable.")] = None,
    *,
    follow: Follow = False,
) -> None:
    """Start an execution. With --follow its end gives the exit code: 0 for SUCCESS and WARNING, else 1."""
    from toccata.cli.run import run as start

    raise typer.Exit(start(flow, inputs or [], label or [], follow=follow))


@events.command("publish")
def events_publish(  # noqa: PLR0913 - the attributes of a CloudEvent
    kind: Annotated[str, typer.Option("--type", help="Type of the event.", show_default=False)],
    source: Annotated[str, typer.Option(help="Where it comes from.")] = "/toccata/cli",
    subject: Annotated[str | None, typer.Option(help="What it is about; the record's key.")] = None,
    event_id: Annotated[
        str | None, typer.Option("--id", help="Default: a random one. The same again starts nothing.")
    ] = None,
    data: Annotated[str | None, typer.Option(help="JSON, @file, or @- for standard input.")] = None,
    topic: Annotated[str, typer.Option(help="Topic.")] = "events",
    *,
    as_json: Json = False,
) -> None:
    """Publish a CloudEvent to Kafka."""
    from toccata.cli import event

    event.publish(event.Event(kind, source, subject, event_id, data), topic, as_json=as_json)


@events.command("tail")
def events_tail(
    topic: Annotated[str, typer.Argument(help="A public topic, or any other.")] = "executions.events",
    start: Annotated[
        Literal["earliest", "latest"], typer.Option("--from", help="Where to begin.")
    ] = "latest",
    execution: Annotated[str | None, typer.Option(help="Only of this execution.")] = None,
    count: Annotated[int | None, typer.Option("--count", "-c", min=1, help="Stop after so many.")] = None,
    *,
    as_json: Json = False,
) -> None:
    """Show events as they come."""
    from toccata.cli import event

    event.tail(topic, event.Window(start, execution, count), as_json=as_json)


@execution.command("list")
def execution_list(
    namespace: Annotated[str | None, typer.Option("--namespace", "-n", help="This one and below.")] = None,
    flow: Annotated[str | None, typer.Option("--flow", help="Id of the flow.")] = None,
    state: Annotated[list[str] | None, typer.Option("--state", "-s", help="Repeatable.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 20,
    output: Output = "table",
) -> None:
    """The latest executions."""
    from toccata.cli import execution

    execution.list_all(execution.Filter(namespace, flow, state or []), limit, output)


@execution.command("get")
def execution_get(execution: Execution, output: Output = "table") -> None:
    """One execution with its task runs."""
    from toccata.cli import execution as command

    command.get(execution, output)


@execution.command("logs")
def execution_logs(
    execution: Execution,
    level: Annotated[Level | None, typer.Option(help="At least this one.", show_default=False)] = None,
    *,
    follow: Follow = False,
) -> None:
    """The log lines of an execution."""
    from toccata.cli import execution as command

    command.logs(execution, level, follow=follow)


@execution.command("kill")
def execution_kill(executions: Executions) -> None:
    """End running executions."""
    from toccata.cli import execution

    execution.kill(executions)


@execution.command("restart")
def execution_restart(executions: Executions) -> None:
    """Run the failed part of ended executions again."""
    from toccata.cli import execution

    execution.restart(executions)


@plugin.command("list")
def plugin_list(output: Output = "table") -> None:
    """All types."""
    from toccata.cli import plugin

    plugin.list_all(output)


@plugin.command("doc")
def plugin_doc(
    kind: Annotated[str, typer.Argument(metavar="TYPE", show_default=False)], output: Output = "table"
) -> None:
    """Documentation of a type; with -o json its JSON Schema."""
    from toccata.cli import plugin

    plugin.doc(kind, output)


@app.command()
def rebuild(*, accept_loss: AcceptLoss = False) -> None:
    """Throw the projection away and make it again from the topics. Stop the indexer first."""
    from toccata.cli.process import become

    become("services.indexer.rebuild", ["--accept-loss"] if accept_loss else [])


@app.command()
def doctor(*, as_json: Json = False) -> None:
    """Look at everything that Toccata stands on, and say what to do."""
    from toccata.cli.doctor import examine

    raise typer.Exit(examine(as_json=as_json))


app.add_typer(topics, name="topics")
app.add_typer(flow, name="flow")
app.add_typer(events, name="events")
app.add_typer(execution, name="execution")
app.add_typer(plugin, name="plugin")
