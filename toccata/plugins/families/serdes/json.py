"""``serdes.json.*``"""

from __future__ import annotations

from typing import ClassVar

from toccata.plugin import dynamic
from toccata.plugins.families.serdes.dates import Zoned
from toccata.plugins.families.serdes.properties import InCharset, converter


class JsonToIon(InCharset):
    """Reads JSON, value by value."""

    conversion: ClassVar[str] = "json:to_ion"
    ending: ClassVar[str] = ".ion"

    new_line: bool = dynamic(
        default=True, doc="true: a value a line; false: one list, whose elements are the rows, or one value"
    )


class IonToJson(Zoned, InCharset):
    """Writes JSON. Dates and moments become ISO-8601, bytes base64."""

    conversion: ClassVar[str] = "json:from_ion"
    ending: ClassVar[str] = ".json"

    new_line: bool = dynamic(default=True, doc="true: a value a line, in a file `.jsonl`; false: one list")
    should_keep_annotations: bool = dynamic(default=False, ignored="annotations of Ion are not read")


class JsonToJsonl(InCharset):
    """Writes each element of a JSON list as a line."""

    conversion: ClassVar[str] = "json:to_lines"
    ending: ClassVar[str] = ".jsonl"


JSON_TO_ION = converter(JsonToIon, "json.JsonToIon", "Read JSON", "JsonReader")
ION_TO_JSON = converter(IonToJson, "json.IonToJson", "Write JSON", "JsonWriter")
JSON_TO_JSONL = converter(JsonToJsonl, "json.JsonToJsonl", "Write the elements of a JSON list as lines")
