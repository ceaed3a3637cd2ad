"""Asks before a command deletes something."""

from __future__ import annotations

import sys

import typer

from toccata.cli.errors import FAILED, MISUSED, CommandError


def confirm(question: str, *, yes: bool) -> None:
    """Raises CommandError if the person says no, or if nobody can be asked."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise CommandError(f"{question} Nobody can be asked here.", "Add --yes.", MISUSED)
    if not typer.confirm(question, err=True):
        raise CommandError("Nothing was done.", code=FAILED)
