"""``toccata kv …``."""

from __future__ import annotations

from typing import Annotated

import typer

from toccata.cli.connection import connected
from toccata.cli.option import Output, group
from toccata.cli.target.value import Target

app = group("Values of namespaces: set, get, list, delete.")

Namespace = Annotated[
    str, typer.Argument(metavar="NAMESPACE", help="For example company.team.", show_default=False)
]
Key = Annotated[str, typer.Argument(metavar="KEY", help="The key of the value.", show_default=False)]
Keys = Annotated[list[str], typer.Argument(metavar="KEY", help="Keys of values.", show_default=False)]
Value = Annotated[
    str, typer.Argument(metavar="VALUE", help="A text or JSON; - reads standard input.", show_default=False)
]
Ttl = Annotated[str | None, typer.Option(help="How long it counts, such as PT1H.", show_default=False)]
Description = Annotated[str | None, typer.Option(help="What it is for.", show_default=False)]
Prefix = Annotated[
    str | None,
    typer.Argument(metavar="NAMESPACE", help="This namespace and those below it.", show_default=False),
]


@app.command("set")
@connected("web")
def set_value(  # noqa: PLR0913 - its arguments and options
    target: Target,
    namespace: Namespace,
    key: Key,
    value: Value,
    *,
    ttl: Ttl = None,
    description: Description = None,
) -> None:
    """Store a value. JSON, days, instants and durations keep their type; quotes make a text of anything."""
    from toccata.cli import kv

    kv.put(target, (namespace, key), value, ttl=ttl, description=description)


@app.command("get")
@connected("web")
def get_value(target: Target, namespace: Namespace, key: Key, *, output: Output = "table") -> None:
    """Print a value: texts as they are, everything else as JSON."""
    from toccata.cli import kv

    kv.get(target, namespace, key, output)


@app.command("list")
@connected("web")
def list_values(target: Target, namespace: Prefix = None, *, output: Output = "table") -> None:
    """Keys, with their versions and dates."""
    from toccata.cli import kv

    kv.list_all(target, namespace, output)


@app.command("delete")
@connected("web")
def delete_values(target: Target, namespace: Namespace, keys: Keys) -> None:
    """Delete values."""
    from toccata.cli import kv

    kv.delete(target, namespace, keys)
