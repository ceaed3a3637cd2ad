"""``compress.*``"""

from __future__ import annotations

from typing import Literal, TypeAlias

from pydantic import BaseModel

from toccata.plugin import Properties, TaskType, dynamic

_RUN = "toccata.plugins.families.compress.run.task"
_NAME = "io.kestra.plugin.compress"
Compression: TypeAlias = Literal[
    "BROTLI", "BZIP2", "DEFLATE", "GZIP", "LZ4FRAME", "LZMA", "SNAPPY", "SNAPPYFRAME", "XZ", "ZSTD"
]
Archive: TypeAlias = Literal["ZIP", "JAR", "TAR"]
_OF_ARCHIVE = "of the archive's file, for TAR; ZIP and JAR compress each member themselves"


class FileOutputs(BaseModel):
    uri: str
    """The new file."""


class FileCompress(Properties):
    """Compresses a file."""

    from_: str = dynamic(doc="URI of the file", alias="from")
    compression: Compression = dynamic(doc="how")


class FileDecompress(Properties):
    """Decompresses a file."""

    from_: str = dynamic(doc="URI of the file", alias="from")
    compression: Compression = dynamic(doc="how it is compressed")


class ArchiveCompress(Properties):
    """Writes files into an archive."""

    algorithm: Archive = dynamic(doc="kind of archive")
    from_: dict[str, str] = dynamic(doc="the files: name in the archive and URI", alias="from")
    compression: Compression | None = dynamic(None, doc=_OF_ARCHIVE)


class ArchiveDecompress(Properties):
    """Reads the files of an archive."""

    algorithm: Archive = dynamic(doc="kind of archive")
    from_: str = dynamic(doc="URI of the archive", alias="from")
    compression: Compression | None = dynamic(None, doc=_OF_ARCHIVE)


class ArchiveDecompressOutputs(BaseModel):
    files: dict[str, str]
    """URIs of the files by their names in the archive."""


FILE_COMPRESS = TaskType(
    name=f"{_NAME}.FileCompress",
    title="Compress a file",
    properties=FileCompress,
    run=f"{_RUN}:compress",
    outputs=FileOutputs,
    kind="heavy",
    examples=(f'id: pack\ntype: {_NAME}.FileCompress\nfrom: "{{{{ inputs.file }}}}"\ncompression: ZSTD',),
)
FILE_DECOMPRESS = TaskType(
    name=f"{_NAME}.FileDecompress",
    title="Decompress a file",
    properties=FileDecompress,
    run=f"{_RUN}:decompress",
    outputs=FileOutputs,
    kind="heavy",
    examples=(f'id: unpack\ntype: {_NAME}.FileDecompress\nfrom: "{{{{ inputs.file }}}}"\ncompression: GZIP',),
)
ARCHIVE_COMPRESS = TaskType(
    name=f"{_NAME}.ArchiveCompress",
    title="Write an archive",
    properties=ArchiveCompress,
    run=f"{_RUN}:pack",
    outputs=FileOutputs,
    kind="heavy",
    examples=(
        f'id: pack\ntype: {_NAME}.ArchiveCompress\nalgorithm: TAR\ncompression: GZIP\nfrom:\n  data/a.txt: "{{{{ inputs.file }}}}"',
    ),
)
ARCHIVE_DECOMPRESS = TaskType(
    name=f"{_NAME}.ArchiveDecompress",
    title="Read an archive",
    properties=ArchiveDecompress,
    run=f"{_RUN}:unpack",
    outputs=ArchiveDecompressOutputs,
    kind="heavy",
    examples=(f'id: unpack\ntype: {_NAME}.ArchiveDecompress\nalgorithm: ZIP\nfrom: "{{{{ inputs.file }}}}"',),
)
