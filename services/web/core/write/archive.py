"""Many flows in one file: the documents of an upload, and the archive of an export. Uploads are not trusted."""

from __future__ import annotations

import io
import lzma
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

from contracts.language.flow.source_text import split_documents
from services.web.core.problem import bad_request, invalid_entity
from services.web.core.write.flow import as_yaml

MAX_UNPACKED_BYTES = 64 * 1024 * 1024
MOST_TEXT_BYTES = 2 * 1024 * 1024
"""Of one file. It may hold several flows, and a flow has at most 400,000 bytes."""
_METHODS = {zipfile.ZIP_STORED: "stored", zipfile.ZIP_DEFLATED: "deflated"}
"""Others may take hundreds of megabytes for the tables that a few bytes ask for."""
MAX_ARCHIVE_ENTRIES = 20_000
_BROKEN = (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, lzma.LZMAError, OSError)
_YAML_ENDINGS = (".yml", ".yaml")


@dataclass(frozen=True, slots=True)
class Unread:
    """One document of an import, and its name in the answer if it is rejected."""

    name: str
    source: str


def unpack(filename: str, content: bytes) -> list[Unread]:
    """The documents of an upload. The file's extension selects the reader. Raises Problem."""
    lowered = filename.lower()
    if lowered.endswith(".zip"):
        return _unzip(content)
    if not lowered.endswith(_YAML_ENDINGS):
        raise invalid_entity("Cannot import file of type " + lowered.rpartition(".")[2][:20])
    documents = split_documents(as_yaml(content, "application/x-yaml"))
    return [Unread(str(index), source) for index, source in enumerate(documents)]


def _unzip(content: bytes) -> list[Unread]:
    documents: list[Unread] = []
    left = MAX_UNPACKED_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(entries) > MAX_ARCHIVE_ENTRIES:
                raise bad_request(f"the archive has more than {MAX_ARCHIVE_ENTRIES} files")
            for entry in entries:
                if not entry.filename.lower().endswith(_YAML_ENDINGS):
                    continue
                text = _text_of(archive, entry, left)
                left -= len(text)
                sources = split_documents(text.decode("utf-8", "replace"))
                documents += [Unread(entry.filename, source) for source in sources]
    except (*_BROKEN, RuntimeError, EOFError, NotImplementedError) as error:
        raise invalid_entity(f"the zip archive cannot be read: {error}") from error
    return documents


def _text_of(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int) -> bytes:
    """Raises Problem 400 before it unpacks what is packed in another way, or says that it is too large."""
    if entry.compress_type not in _METHODS:
        raise bad_request(
            f"`{entry.filename[:200]}` is neither {' nor '.join(_METHODS.values())}: pack it again with deflate"
        )
    most = min(left, MOST_TEXT_BYTES)
    if entry.file_size <= most:
        with archive.open(entry) as file:
            # Read one byte more than is allowed, because the sizes in an archive may be wrong.
            text = file.read(most + 1)
        if len(text) <= most:
            return text
    if left < MOST_TEXT_BYTES:
        raise bad_request(f"the archive unpacks to more than {MAX_UNPACKED_BYTES} bytes")
    raise bad_request(f"`{entry.filename[:200]}` unpacks to more than {MOST_TEXT_BYTES} bytes")


def pack(flows: Iterable[tuple[str, str, str]]) -> bytes:
    """A zip archive of flows, given by namespace, id and source."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for namespace, flow_id, source in flows:
            archive.writestr(f"{namespace}.{flow_id}.yml", source)
    return buffer.getvalue()
