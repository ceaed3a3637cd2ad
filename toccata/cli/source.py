"""Reads flow files: folders, and files with several documents. Every problem has its file, line and column."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from contracts.language.flow.source_text import split_documents
from toccata.cli.errors import MISUSED, CommandError

ENDINGS = (".yml", ".yaml")
MOST_BYTES = 16 * 1024 * 1024
"""Of a file, which may hold many flows."""


@dataclass(frozen=True, slots=True)
class Source:
    """One document of a file."""

    file: Path
    first_line: int
    """Line of the file on which the document begins, from 1."""
    text: str

    def place(self, line: int, column: int) -> str:
        """``file:line:column`` of a place in the document. Line 0 means the whole document."""
        if not line:
            return f"{self.file}:{self.first_line}"
        return f"{self.file}:{self.first_line + line - 1}:{column}"


@dataclass(frozen=True, slots=True)
class Head:
    namespace: str
    flow_id: str

    def __str__(self) -> str:
        return f"{self.namespace}.{self.flow_id}"


def flow_files(paths: Iterable[Path]) -> Iterator[Path]:
    """The files, and for folders the YAML files below them. Raises CommandError for a path that does not exist."""
    for path in paths:
        try:
            yield from _flow_files(path)
        except OSError as error:  # of a name that is too long, or a folder that may not be entered
            raise CommandError(f"{path} cannot be read: {error.strerror}.", code=MISUSED) from error


def _flow_files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        # Regular files only: a pipe would never end. One that is named is read, as a shell's <(...) makes them.
        yield from sorted(file for file in path.rglob("*") if file.suffix in ENDINGS and file.is_file())
    elif path.exists():
        yield path
    else:
        raise CommandError(f"There is no file {path}.", "Name YAML files, or folders with them.", MISUSED)


@dataclass(frozen=True, slots=True)
class Read:
    """The content of some paths: the flows, and a line for each unreadable file."""

    sources: list[Source]
    problems: list[str]


def read_files(paths: Iterable[Path]) -> Read:
    """All documents of these files and folders. An unreadable file does not hide the others.

    Raises CommandError when a path does not exist, or when there is no file at all."""
    read = Read([], [])
    for file in flow_files(paths):
        try:
            read.sources.extend(split(file, _text_of(file)))
        except _TooLarge:
            read.problems.append(
                f"{file}: it has more than {MOST_BYTES:,} bytes; a flow has at most 400,000."
            )
        except UnicodeDecodeError as error:
            read.problems.append(f"{file}: it is not UTF-8 text (byte {error.start}); save it as UTF-8.")
        except OSError as error:
            read.problems.append(f"{file}: it cannot be read: {error.strerror}.")
    if not read.sources and not read.problems:
        raise CommandError(
            "There is no flow in these files.", f"Flows are files ending in {' or '.join(ENDINGS)}."
        )
    return read


class _TooLarge(Exception):
    pass


def _text_of(file: Path) -> str:
    """Read no more than is allowed: a device or a pipe never ends."""
    with file.open("rb") as opened:
        content = opened.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise _TooLarge
    return io.TextIOWrapper(io.BytesIO(content), "utf-8").read()


def split(file: Path, text: str) -> Iterator[Source]:
    """The documents with their first lines. An empty file counts as one document, so that it gets an error."""
    position = 0
    for document in split_documents(text) or [text]:
        found = max(text.find(document, position), position)
        yield Source(file, text.count("\n", 0, found) + 1, document)
        position = found + len(document)


def head_of(source: Source) -> Head:
    """Raises CommandError, with the place, for a text that is not YAML or does not name a flow."""
    from contracts.language.flow.violation import Violation
    from contracts.language.yaml_text.document import FlowSyntaxError, load_document

    try:
        document = load_document(source.text)
    except FlowSyntaxError as error:
        said = Violation(error.problem, suggestion=error.suggestion)
        raise CommandError(said.one_line(source.place(error.line, error.column))) from error
    value = document.value
    if not isinstance(value, dict):
        raise CommandError(f"{source.place(1, 1)}: a flow is a map that starts with `id:` and `namespace:`")
    flow_id, namespace = value.get("id"), value.get("namespace")
    if not isinstance(flow_id, str) or not isinstance(namespace, str):
        raise CommandError(f"{source.place(1, 1)}: a flow needs `id:` and `namespace:`")
    return Head(namespace, flow_id)


def parse_name(text: str) -> Head:
    """``namespace.flow`` or, for ids with dots, ``namespace/flow``. Raises CommandError."""
    namespace, _, flow_id = text.partition("/") if "/" in text else text.rpartition(".")
    if not namespace or not flow_id:
        raise CommandError(
            f"`{text}` is neither a flow nor a file.",
            "Write namespace.flow (or namespace/flow), or a file that exists.",
            MISUSED,
        )
    return Head(namespace, flow_id)
