"""How rows get the types of a schema."""

from __future__ import annotations

from toccata.plugin import dynamic
from toccata.plugins.families.serdes.properties import BAD_LINES, BadLines, Converted

_TRUE = ["t", "true", "enabled", "1", "on", "yes"]
_FALSE = ["f", "false", "disabled", "0", "off", "no", ""]
_NULL = ["", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "1.#IND", "1.#QNAN", "NA", "n/a", "nan", "null"]  # fmt: skip


class Typed(Converted):
    """Rows that are written with the types of a schema."""

    schema_: str | None = dynamic(
        None, alias="schema", doc="an Avro schema, in JSON; without it, the first rows say what the types are"
    )
    number_of_rows_to_scan: int = dynamic(100, doc="rows that say what the types are", ge=1)
    true_values: list[str] = dynamic(_TRUE, doc="texts, in any case, that mean true where a boolean belongs")
    false_values: list[str] = dynamic(
        _FALSE, doc="texts, in any case, that mean false where a boolean belongs"
    )
    null_values: list[str] = dynamic(_NULL, doc="texts that mean null where null may be and no text")
    infer_all_fields: bool = dynamic(
        default=False, doc="true: these texts mean null and booleans also where a text may be"
    )
    date_format: str = dynamic("yyyy-MM-dd[XXX]", doc="pattern of dates that are texts")
    time_format: str = dynamic("HH:mm[:ss][.SSSSSS][XXX]", doc="pattern of times that are texts")
    datetime_format: str = dynamic(
        "yyyy-MM-dd'T'HH:mm[:ss][.SSSSSS][XXX]", doc="pattern of moments that are texts"
    )
    decimal_separator: str = dynamic(".", doc="of numbers that are texts", min_length=1, max_length=1)
    strict_schema: bool = dynamic(default=False, doc="a field that the schema does not have makes a row bad")
    time_zone_id: str | None = dynamic(
        None, doc="time zone of moments without one, such as `Europe/Paris`; without it, the worker's"
    )
    on_bad_lines: BadLines = dynamic("ERROR", doc=BAD_LINES)
