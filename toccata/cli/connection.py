"""The options that name a system. Every command that needs one takes them before or after its name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from inspect import Parameter, Signature, signature
from typing import Annotated, Any, Literal

import typer

from toccata.cli.target.value import Given, Target

Part = Literal["web", "kafka"]

Url = Annotated[
    str | None, typer.Option("--url", help="Address of web. [env: TOCCATA_URL]", show_default=False)
]
User = Annotated[
    str | None,
    typer.Option(
        "--user", help="Sign-in, an e-mail address. [env: TOCCATA_AUTH_USERNAME]", show_default=False
    ),
]
Password = Annotated[
    str | None,
    typer.Option(
        "--password",
        help="Its password. Others on this machine can read options. [env: TOCCATA_AUTH_PASSWORD]",
        show_default=False,
    ),
]
Token = Annotated[
    str | None,
    typer.Option(
        "--token",
        help="An API token, instead of user and password. Others on this machine can read options. [env: TOCCATA_TOKEN]",
        show_default=False,
    ),
]
Kafka = Annotated[
    str | None,
    typer.Option(
        "--kafka", help="Kafka, host:port. [env: TOCCATA_KAFKA_BOOTSTRAP_SERVERS]", show_default=False
    ),
]
_OPTIONS: dict[Part, dict[str, Any]] = {
    "web": {"url": Url, "user": User, "password": Password, "token": Token},
    "kafka": {"kafka": Kafka},
}


def connected(*parts: Part) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Pass the resolved target as the command's first parameter, and add the options for these parts of a system."""
    options = {name: kind for part in parts for name, kind in _OPTIONS[part].items()}

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @wraps(command)
        def run(context: typer.Context, **values: Any) -> None:
            given = Given(**{name: values.pop(name) for name in options})
            command(_target(context, given), **values)

        _declare(run, list(signature(command, eval_str=True).parameters.values())[1:], options)
        return run

    return decorate


def _target(context: typer.Context, given: Given) -> Target:
    from toccata.cli.target.read import read_target

    before = context.find_root().obj
    return read_target(given.over(before) if isinstance(before, Given) else given)


def _declare(run: Callable[..., None], own: Sequence[Parameter], options: dict[str, Any]) -> None:
    """Set the signature and the annotations, which typer reads."""
    kind = Parameter.KEYWORD_ONLY
    parameters = [
        Parameter("context", kind, annotation=typer.Context),
        *(parameter.replace(kind=kind) for parameter in own),
        *(Parameter(name, kind, default=None, annotation=each) for name, each in options.items()),
    ]
    run.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
