"""``toccata namespace files``: files of namespaces."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from toccata.cli.api import api_of, file_body, segment
from toccata.cli.errors import CommandError
from toccata.cli.option import Form
from toccata.cli.output import err, say, say_table, say_value
from toccata.cli.target.value import Target

_STORED = "file"
"""The name of an upload. One that ends with .zip would be unpacked."""


def list_all(target: Target, namespace: str, text: str, form: Form) -> None:
    """The paths that have the text in them."""
    found = api_of(target).get(_files(namespace, "search"), [("q", text)])
    if form != "table":
        say_value(found, form)
    elif not found:
        err.print("There are no such files.")
    else:
        say_table(("PATH",), ((path,) for path in found))


def get(target: Target, namespace: str, path: str, *, revision: int | None, to: Path | None) -> None:
    query = [("path", path), *([("revision", str(revision))] if revision is not None else [])]
    content = api_of(target).download(_files(namespace), query)
    if to is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    to.write_bytes(content)
    say((str(to), "bold"), " ", ("written", "green"))


def put(target: Target, namespace: str, sources: Sequence[Path], to: str) -> None:
    """Store files, and folders with everything in them. A path in the namespace is that below the folder, or the file's name."""
    api = api_of(target)
    for local, name in _local(sources):
        path = f"{to.rstrip('/')}/{name}"
        api.ask(
            "POST",
            _files(namespace),
            [("path", path)],
            file_body("fileContent", _STORED, local.read_bytes()),
        )
        say((path if path.startswith("/") else f"/{path}", "bold"), " ", ("stored", "green"))


def _local(sources: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    for source in sources:
        if source.is_dir():
            for path in sorted(source.rglob("*")):
                if path.is_file():
                    yield path, path.relative_to(source).as_posix()
        elif source.is_file():
            yield source, source.name
        else:
            raise CommandError(f"There is no file {source}.", "Name files or folders of this machine.")


def delete(target: Target, namespace: str, paths: Sequence[str]) -> None:
    api = api_of(target)
    for path in paths:
        api.ask("DELETE", _files(namespace), [("path", path)])
        say((path, "bold"), " ", ("deleted", "green"))


def move(target: Target, namespace: str, source: str, to: str) -> None:
    api_of(target).ask("PUT", _files(namespace), [("from", source), ("to", to)])
    say((source, "bold"), " is now ", (to, "bold"))


def export(target: Target, namespace: str, to: Path) -> None:
    to.write_bytes(api_of(target).download(_files(namespace, "export")))
    say((str(to), "bold"), " ", ("written", "green"))


def _files(namespace: str, *more: str) -> str:
    return "/".join([f"/namespaces/{segment(namespace)}/files", *more])


def unpack(target: Target, namespace: str, archive: Path, to: str) -> None:
    """Store the files of a zip archive."""
    api_of(target).ask(
        "POST", _files(namespace), [("path", to)], file_body("fileContent", "files.zip", archive.read_bytes())
    )
    say((str(archive), "bold"), " ", ("unpacked", "green"))
