"""``serdes.avro.*``"""

from __future__ import annotations

from typing import ClassVar

from toccata.plugin import dynamic
from toccata.plugins.families.serdes.properties import BAD_LINES, BadLines, Converted, converter
from toccata.plugins.families.serdes.typed import Typed


class AvroToIon(Converted):
    """Reads Avro. Logical types become dates, times, moments and decimals."""

    conversion: ClassVar[str] = "avro:to_ion"
    ending: ClassVar[str] = ".ion"

    on_bad_lines: BadLines = dynamic("ERROR", doc=BAD_LINES)


class IonToAvro(Typed):
    """Writes Avro. Dates, times, moments and decimals are logical types."""

    conversion: ClassVar[str] = "avro:from_ion"
    ending: ClassVar[str] = ".avro"


class InferAvroSchemaFromIon(Converted):
    """Writes the Avro schema that fits the first rows."""

    conversion: ClassVar[str] = "avro:schema_of"
    ending: ClassVar[str] = ".avsc"

    number_of_rows_to_scan: int = dynamic(100, doc="rows that say what the types are", ge=1)


AVRO_TO_ION = converter(AvroToIon, "avro.AvroToIon", "Read Avro", "AvroReader")
ION_TO_AVRO = converter(IonToAvro, "avro.IonToAvro", "Write Avro", "AvroWriter")
INFER_AVRO_SCHEMA = converter(
    InferAvroSchemaFromIon, "avro.InferAvroSchemaFromIon", "Find the Avro schema of rows"
)
