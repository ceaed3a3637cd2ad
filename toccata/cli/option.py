"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

Form = Literal["table", "json", "yaml"]
Level = Literal["TRACE", "DEBUG", "INFO", "WARN", "ERROR"]

Files = Annotated[
    list[Path], typer.Argument(metavar="FILE", help="YAML files, or folders with them.", show_default=False)
]
Executions = Annotated[list[str], typer.Argument(metavar="EXECUTION", help="Ids.", show_default=False)]
Execution = Annotated[str, typer.Argument(metavar="EXECUTION", help="Its id.", show_default=False)]
FlowNames = Annotated[list[str], typer.Argument(metavar="FLOW", help="namespace.flow", show_default=False)]
Triggers = Annotated[
    list[str], typer.Argument(metavar="TRIGGER", help="namespace.flow.trigger", show_default=False)
]
Output = Annotated[Form, typer.Option("--output", "-o", help="For people, or for programs.")]
Namespace = Annotated[
    str | None, typer.Option("--namespace", "-n", help="Only this one and below.", show_default=False)
]
FlowId = Annotated[str | None, typer.Option("--flow", help="Id of the flow.", show_default=False)]
Limit = Annotated[int, typer.Option(min=1, help="Show at most this many.")]
LogLevel = Annotated[
    Level | None, typer.Option("--level", help="Show this level and above.", show_default=False)
]
Follow = Annotated[bool, typer.Option("--follow", "-f", help="Continue until it ends.")]
Foreign = Annotated[
    list[str] | None,
    typer.Option(
        "--foreign",
        help="A topic of others that Event triggers name. Give it once for each.",
        show_default=False,
    ),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def group(text: str) -> typer.Typer:
    """Commands of one noun."""
    return typer.Typer(help=text, no_args_is_help=True, rich_markup_mode=None)
