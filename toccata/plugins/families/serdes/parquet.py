"""``serdes.parquet.*``"""

from __future__ import annotations

from typing import ClassVar, Literal

from toccata.plugin import dynamic
from toccata.plugins.families.serdes.properties import Converted, converter
from toccata.plugins.families.serdes.typed import Typed


class ParquetToIon(Converted):
    """Reads Parquet, batch by batch."""

    conversion: ClassVar[str] = "parquet:to_ion"
    ending: ClassVar[str] = ".ion"


class IonToParquet(Typed):
    """Writes Parquet, one group of rows after the other."""

    conversion: ClassVar[str] = "parquet:from_ion"
    ending: ClassVar[str] = ".parquet"

    compression_codec: Literal["UNCOMPRESSED", "SNAPPY", "GZIP", "ZSTD"] = dynamic("GZIP", doc="of pages")
    parquet_version: Literal["V1", "V2"] = dynamic("V2", doc="of pages")
    row_group_size: int = dynamic(
        128 * 1024 * 1024, doc="bytes in memory at which a group of rows ends", ge=1
    )
    page_size: int = dynamic(1024 * 1024, doc="bytes of a page", ge=1)
    dictionary_page_size: int = dynamic(1024 * 1024, doc="bytes of a page of a dictionary", ge=1)


PARQUET_TO_ION = converter(ParquetToIon, "parquet.ParquetToIon", "Read Parquet", "ParquetReader")
ION_TO_PARQUET = converter(IonToParquet, "parquet.IonToParquet", "Write Parquet", "ParquetWriter")
