"""``toccata namespace files …``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from toccata.cli.connection import connected
from toccata.cli.option import Output, group
from toccata.cli.target.value import Target

app = group("Namespaces.")
files = group("Files of namespaces: list, get, put, move, delete, export, import.")
app.add_typer(files, name="files")

Namespace = Annotated[
    str, typer.Argument(metavar="NAMESPACE", help="For example company.team.", show_default=False)
]
InNamespace = Annotated[
    str,
    typer.Argument(
        metavar="PATH", help="A path in the namespace, such as /scripts/main.py.", show_default=False
    ),
]
Paths = Annotated[
    list[str],
    typer.Argument(metavar="PATH", help="Paths of files or folders in the namespace.", show_default=False),
]
Sources = Annotated[
    list[Path],
    typer.Argument(metavar="FILE", help="Files or folders of this machine.", exists=True, show_default=False),
]
Folder = Annotated[str, typer.Option("--to", help="Folder of the namespace.")]
Revision = Annotated[int | None, typer.Option(help="An older revision.", show_default=False)]
Written = Annotated[
    Path | None,
    typer.Option("--to", help="A file of this machine; else standard output.", show_default=False),
]
Archive = Annotated[
    Path, typer.Argument(metavar="ARCHIVE", help="A zip archive.", dir_okay=False, show_default=False)
]
Part = Annotated[str, typer.Option("--query", "-q", help="Only paths that have this text in them.")]
Target_ = Annotated[str, typer.Argument(metavar="TO", help="The new path.", show_default=False)]


@files.command("list")
@connected("web")
def list_files(target: Target, namespace: Namespace, *, query: Part = "", output: Output = "table") -> None:
    """Paths of files."""
    from toccata.cli import namespace_file

    namespace_file.list_all(target, namespace, query, output)


@files.command("get")
@connected("web")
def get_file(
    target: Target, namespace: Namespace, path: InNamespace, *, revision: Revision = None, to: Written = None
) -> None:
    """Print a file, or write it to a file of this machine."""
    from toccata.cli import namespace_file

    namespace_file.get(target, namespace, path, revision=revision, to=to)


@files.command("put")
@connected("web")
def put_files(target: Target, namespace: Namespace, sources: Sources, *, to: Folder = "/") -> None:
    """Store files, and what is in folders. A file that exists gets a new revision."""
    from toccata.cli import namespace_file

    namespace_file.put(target, namespace, sources, to)


@files.command("move")
@connected("web")
def move_file(target: Target, namespace: Namespace, path: InNamespace, to: Target_) -> None:
    """Give a file or a folder another path."""
    from toccata.cli import namespace_file

    namespace_file.move(target, namespace, path, to)


@files.command("delete")
@connected("web")
def delete_files(target: Target, namespace: Namespace, paths: Paths) -> None:
    """Delete files, and folders with everything in them."""
    from toccata.cli import namespace_file

    namespace_file.delete(target, namespace, paths)


@files.command("export")
@connected("web")
def export_files(target: Target, namespace: Namespace, archive: Archive) -> None:
    """Write all files into a zip archive."""
    from toccata.cli import namespace_file

    namespace_file.export(target, namespace, archive)


@files.command("import")
@connected("web")
def import_files(target: Target, namespace: Namespace, archive: Archive, *, to: Folder = "/") -> None:
    """Store the files of a zip archive."""
    from toccata.cli import namespace_file

    namespace_file.unpack(target, namespace, archive, to)
