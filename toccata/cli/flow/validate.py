"""Checks flows on this machine without a server, against the plugins of this machine and of TOCCATA_PLUGIN_PATH."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from toccata.cli.errors import CommandError
from toccata.cli.output import err, say
from toccata.cli.plugin import plugin_folders
from toccata.cli.source import read_files


def validate(paths: Sequence[Path]) -> None:
    from contracts.language.flow.validate import validate as validate_flow
    from toccata.plugins.host.catalog import PluginCatalog

    read = read_files(paths)
    catalog = PluginCatalog.load(plugin_folders())
    for broken in catalog.broken:
        err.print(f"plugin {broken.name} ({broken.origin}): {broken.reason}", style="yellow")
    for problem in read.problems:
        say((problem, "red"))
    bad = 0
    for source in read.sources:
        validation = validate_flow(source.text, catalog)
        for each in validation.errors:
            say((each.one_line(source.place(each.line, each.column)), "red"))
        for each in validation.remarks:
            say((each.one_line(source.place(each.line, each.column)), "yellow"))
        if validation.flow is None:
            bad += 1
        else:
            flow = validation.flow
            say(f"{source.place(0, 0)}: ", ("ok", "green"), f" {flow.namespace}.{flow.id}")
    if bad or read.problems:
        total = len(read.sources) + len(read.problems)
        raise CommandError(f"{bad + len(read.problems)} of {total} flows are not valid.")
