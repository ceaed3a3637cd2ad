"""``toccata plugin``: the task and trigger types of this machine, and the documentation of one."""

from __future__ import annotations

import os
from difflib import get_close_matches
from pathlib import Path

from contracts.language.flow.catalog import CORE_TYPES, TypeInfo
from toccata.cli.errors import MISUSED, CommandError
from toccata.cli.option import Form
from toccata.cli.output import err, out, say, say_table, say_value
from toccata.plugins.host.catalog import PluginCatalog
from toccata.plugins.host.document import json_schema, markdown


def list_all(form: Form) -> None:
    catalog = _catalog()
    rows: dict[str, tuple[str, str, str]] = {
        info.name: (info.name, info.kind, "") for info in CORE_TYPES.values()
    }
    for plugin in catalog:
        info = catalog.resolve(plugin.name)
        rows[plugin.name] = (plugin.name, info.kind if info is not None else "", plugin.title)
    if form != "table":
        say_value(
            [{"type": name, "kind": kind, "title": title} for name, kind, title in sorted(rows.values())],
            form,
        )
    else:
        say_table(("TYPE", "KIND", "TITLE"), sorted(rows.values()))
    for broken in catalog.broken:
        err.print(
            f"plugin {broken.name} ({broken.origin}) could not be loaded: {broken.reason}", style="yellow"
        )


def doc(name: str, form: Form) -> None:
    catalog = _catalog()
    plugin = catalog.find(name)
    if plugin is None:
        info = CORE_TYPES.get(name)
        if info is None:
            raise CommandError(f"There is no type {name}.", _advice(name, catalog), MISUSED)
        _say_core(info)
    elif form != "table":
        say_value(json_schema(plugin), form)
    elif out.is_terminal:
        from rich.markdown import Markdown

        out.print(Markdown(markdown(plugin)), soft_wrap=False)
    else:
        out.file.write(markdown(plugin))


def plugin_folders() -> list[Path]:
    """Where third-party packages are installed."""
    return [Path(folder) for folder in os.environ.get("TOCCATA_PLUGIN_PATH", "").split(os.pathsep) if folder]


def _catalog() -> PluginCatalog:
    return PluginCatalog.load(plugin_folders())


def _say_core(info: TypeInfo) -> None:
    """The engine's own types have no declaration to generate a page from."""
    say((info.name, "bold"), f" ({info.kind}) is part of the flow language.")
    if info.deprecated_by:
        say(f"Use {info.deprecated_by} instead.")
    if info.properties:
        say(f"Properties: {', '.join(sorted(info.properties))}")


def _advice(name: str, catalog: PluginCatalog) -> str:
    """Types that are spelled alike, or end alike."""
    known = sorted({plugin.name for plugin in catalog} | {info.name for info in CORE_TYPES.values()})
    last = name.rpartition(".")[2].lower()
    alike = [each for each in known if each.rpartition(".")[2].lower() == last] or get_close_matches(
        name, known, 3, 0.7
    )
    return f"Did you mean {' or '.join(alike)}?" if alike else "`toccata plugin list` shows those there are."
