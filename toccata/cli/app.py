"""The root of the command: what stands before any noun. It imports typer alone, so that ``--help`` is quick."""

from __future__ import annotations

import os
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from toccata.cli.commands import (
    dead,
    event,
    execution,
    flow,
    kv,
    log,
    namespace,
    plugin,
    setting,
    sign_in,
    system,
    token,
    topic,
    trigger,
)
from toccata.cli.commands.lsp import lsp
from toccata.cli.commands.run import run
from toccata.cli.connection import Kafka, Password, Token, Url, User
from toccata.cli.errors import PIPE_CLOSED
from toccata.cli.target.value import Given


class _Root(TyperGroup):
    def invoke(self, ctx: Any) -> Any:
        """Say nothing if the reader of our output has gone, as in ``toccata … | head``."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            # Keep the interpreter's last flush from failing, too.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(PIPE_CLOSED) from None
        return result


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it with the value
    if wanted:
        from toccata.version import version

        typer.echo(f"toccata {version()}")
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
]

app = typer.Typer(
    name="toccata",
    cls=_Root,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    epilog="The options that name a system also stand after a command. Without them, and without TOCCATA_URL,"
    " TOCCATA_KAFKA_BOOTSTRAP_SERVERS and TOCCATA_DATABASE_URL, it is the standalone that runs on TOCCATA_HOME (.toccata);"
    " `toccata env` shows which. Exit codes: 0 done, 1 failed, 2 wrong use, 130 interrupted, 141 the reader of a pipe has gone.",
)


@app.callback()
def root(  # noqa: PLR0913 - the options that name a system
    context: typer.Context,
    *,
    url: Url = None,
    user: User = None,
    password: Password = None,
    token: Token = None,
    kafka: Kafka = None,
    version: Version = False,  # noqa: ARG001 - its callback ends the command
) -> None:
    """Toccata: event-driven workflows on Kafka."""
    context.obj = Given(url, user, password, kafka, token)


app.command("run")(run)
app.command("lsp")(lsp)
for _name, _noun in (
    ("flow", flow.app),
    ("execution", execution.app),
    ("trigger", trigger.app),
    ("kv", kv.app),
    ("namespace", namespace.app),
    ("events", event.app),
    ("topics", topic.app),
    ("dead", dead.app),
    ("plugin", plugin.app),
    ("token", token.app),
    ("password", sign_in.password_app),
    ("settings", setting.app),
):
    app.add_typer(_noun, name=_name)
app.add_typer(log.app)
app.add_typer(sign_in.app)
app.add_typer(system.app)
