"""``toccata flow``: validate on this machine, apply to and export from the running system."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from toccata.cli.api import Api, Refusal, segment, yaml_body
from toccata.cli.errors import CommandError
from toccata.cli.output import err, say
from toccata.cli.settings import read_settings
from toccata.cli.source import Head, Source, head_of, parse_name, read_sources

Change = Literal["created", "updated", "unchanged"]
_MOST = 100_000


def validate(paths: Sequence[Path]) -> None:
    """Needs no server: the plugins of this machine, and of TOCCATA_PLUGIN_PATH, are what the types are checked against."""
    from contracts.language.flow.validate import validate as validate_flow
    from toccata.plugins.host.catalog import PluginCatalog

    sources = read_sources(paths)
    catalog = PluginCatalog.load(read_settings().plugin_folders)
    for broken in catalog.broken:
        err.print(
            f"plugin {broken.name} ({broken.origin}) could not be loaded: {broken.reason}", style="yellow"
        )
    bad = 0
    for source in sources:
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
    if bad:
        raise CommandError(f"{bad} of {len(sources)} flows are not valid.")


def apply(paths: Sequence[Path]) -> None:
    """All that are good are stored, also after one that is not."""
    sources = read_sources(paths)
    api = Api(read_settings())
    bad = 0
    for source in sources:
        try:
            store(api, source, head_of(source))
        except Refusal as refusal:
            if refusal.status not in {400, 412, 413, 422}:
                raise
            say_refusal(source, refusal)
            bad += 1
        except CommandError as error:
            if error.advice:
                raise
            say((error.message, "red"))
            bad += 1
    if bad:
        raise CommandError(f"{bad} of {len(sources)} flows were not stored.")


def store(api: Api, source: Source, head: Head) -> Change:
    """Create it, or make it a new revision if it differs. Raises Refusal."""
    path = f"/flows/{segment(head.namespace)}/{segment(head.flow_id)}"
    change: Change
    try:
        before = api.get(path)["revision"]
    except Refusal as refusal:
        if refusal.status != 404:
            raise
        change, stored = "created", api.ask("POST", "/flows", body=yaml_body(source.text))
    else:
        stored = api.ask("PUT", path, body=yaml_body(source.text))
        change = "unchanged" if stored["revision"] == before else "updated"
    say(
        (str(head), "bold"),
        f" revision {stored['revision']} ",
        (change, "green" if change != "unchanged" else "dim"),
    )
    return change


def say_refusal(source: Source, refusal: Refusal) -> None:
    """Each violation at its place; the whole text where the server names none."""
    from contracts.language.flow.violation import Violation

    for error in refusal.errors:
        said = Violation(str(error.get("detail", "")), str(error.get("path", "")))
        say((said.one_line(source.place(error.get("line", 0), error.get("column", 0))), "red"))
    if not refusal.errors:
        say((Violation(refusal.message).one_line(source.place(0, 0)), "red"))


def export(names: Sequence[str], folder: Path, namespace: str | None) -> None:
    """One file a flow, named ``namespace.flow.yml``; all flows when none is named."""
    api = Api(read_settings())
    heads = [parse_name(name) for name in names]
    if not heads:
        query = [("namespace", namespace)] if namespace else []
        found = api.pages("/flows/search", query, _MOST)
        heads = sorted((Head(each["namespace"], each["id"]) for each in found), key=str)
    for head in heads:
        try:
            flow = api.get(f"/flows/{segment(head.namespace)}/{segment(head.flow_id)}", [("source", "true")])
        except Refusal as refusal:
            raise unknown_flow(refusal, head) from refusal
        try:
            folder.mkdir(parents=True, exist_ok=True)
            file = folder / f"{head}.yml"
            file.write_text(flow["source"], "utf-8")
        except OSError as error:
            raise CommandError(
                f"{folder} cannot be written to: {error.strerror}.", "Name a folder with --to."
            ) from error
        say(f"{file} revision {flow['revision']}")
    if not heads:
        err.print("There are no flows.")


def unknown_flow(refusal: Refusal, head: Head) -> CommandError:
    """A 404 as a person would say it."""
    if refusal.status != 404:
        return refusal
    return CommandError(f"There is no flow {head}.", "Store it with `toccata flow apply FILE`.")
