"""The page of the command line, from the tree of commands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import typer

from docs.generate.annotation import in_words
from docs.generate.table import Pages, block, code, page, sentence, table
from toccata.cli.app import app

INTRODUCTION = """
Every command of `toccata`. `--help` after a command shows the same text.
"""


def pages() -> Pages:
    root = typer.main.get_command(app)
    parts = [part for path, command in _leaves(root, ("toccata",)) for part in _command(path, command)]
    epilog = sentence(getattr(root, "epilog", "") or "")
    return {"reference/cli.md": page("Command line", INTRODUCTION, epilog, *parts)}


def _leaves(command: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    below = getattr(command, "commands", None)
    if not below:
        yield path, command
        return
    for name in sorted(below):
        if not below[name].hidden:
            yield from _leaves(below[name], (*path, name))


def _command(path: tuple[str, ...], command: Any) -> list[str]:
    name = " ".join(path)
    given = [each for each in command.params if not getattr(each, "hidden", False)]
    arguments = [each for each in given if each.param_type_name == "argument"]
    options = [each for each in given if each.param_type_name == "option"]
    shown = "".join(f" {_argument(each)}" for each in arguments)
    parts = [f"## {name}", block("text", f"{name}{' [OPTIONS]' * bool(options)}{shown}")]
    parts.append(" ".join(sentence(each) for each in (command.help or "").split("\n\n")))
    if arguments:
        rows = [(code(_argument(each)), sentence(getattr(each, "help", "") or "")) for each in arguments]
        parts.append(table(("argument", "meaning"), rows))
    if options:
        given_rows = [
            (_flags(each), _type(each), _default(each), sentence(each.help or "")) for each in options
        ]
        parts.append(table(("option", "type", "default", "meaning"), given_rows))
    return parts


def _argument(parameter: Any) -> str:
    name = str(parameter.metavar or parameter.name).upper()
    if parameter.nargs == -1 and not name.endswith("..."):
        name += "..."
    return name if parameter.required else f"[{name}]"


def _flags(option: Any) -> str:
    return ", ".join(code(flag) for flag in [*option.opts, *option.secondary_opts])


def _type(option: Any) -> str:
    if option.is_flag:
        return "flag"
    annotation = option.type_descriptor.annotation
    if option.multiple:
        return f"{in_words(get_args(annotation)[0])}, repeatable"
    return in_words(annotation)


def _default(option: Any) -> str:
    value = option.default
    return "" if value in (None, False, (), [], "") or callable(value) else code(value)
