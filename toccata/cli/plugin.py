"""``toccata plugin``: the task and trigger types of this machine, and the documentation of one."""

from __future__ import annotations

import os
from difflib import get_close_matches
from pathlib import Path

from toccata.cli.errors import MISUSED, CommandError
from toccata.cli.option import Form
from toccata.cli.output import err, out, say_table, say_value
from toccata.plugins.host.catalog import PluginCatalog
from toccata.plugins.host.document import markdown


def list_all(form: Form) -> None:
    catalog = _catalog()
    rows = [(entry.name, entry.kind, entry.title) for entry in catalog]
    if form != "table":
        say_value([{"type": name, "kind": kind, "title": title} for name, kind, title in rows], form)
    else:
        say_table(("TYPE", "KIND", "TITLE"), rows)
    _say_broken(catalog)


def doc(name: str, form: Form) -> None:
    catalog = _catalog()
    found = catalog.documentation(name)
    if found is None:
        _say_broken(catalog)
        raise CommandError(f"There is no type {name}.", _advice(name, catalog), MISUSED)
    if form != "table":
        say_value(found.properties, form)
    elif out.is_terminal:
        from rich.markdown import Markdown

        out.print(Markdown(markdown(found)), soft_wrap=False)
    else:
        out.file.write(markdown(found))


def plugin_folders() -> list[Path]:
    """Where third-party packages are installed."""
    return [Path(folder) for folder in os.environ.get("TOCCATA_PLUGIN_PATH", "").split(os.pathsep) if folder]


def _catalog() -> PluginCatalog:
    return PluginCatalog.load(plugin_folders())


def _say_broken(catalog: PluginCatalog) -> None:
    for broken in catalog.broken:
        err.print(f"plugin {broken.name} ({broken.origin}): {broken.reason}", style="yellow")


def _advice(name: str, catalog: PluginCatalog) -> str:
    """Types that are spelled alike, or end alike."""
    known = sorted({plugin.name for plugin in catalog})
    last = name.rpartition(".")[2].lower()
    alike = [each for each in known if each.rpartition(".")[2].lower() == last] or get_close_matches(
        name, known, 3, 0.7
    )
    return f"Did you mean {' or '.join(alike)}?" if alike else "`toccata plugin list` shows those there are."
