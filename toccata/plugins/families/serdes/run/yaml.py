"""YAML, document by document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from toccata.plugins.families.serdes.run.json import elements, encoded, in_utf8, lines, plain_of
from toccata.plugins.families.serdes.run.report import Bad, Report
from toccata.rows.read import read_rows
from toccata.rows.write import write_rows

_LOADER: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def to_ion(source: Path, target: Path, options: Mapping[str, Any], report: Report) -> int:
    del report
    with target.open("wb") as out:
        return write_rows(out, _rows(source, options["charset"]))


def _rows(source: Path, charset: str) -> Iterator[Any]:
    for document in _documents(source, charset):
        if isinstance(document, list):
            yield from document
        else:
            yield document


def _documents(source: Path, charset: str) -> Iterator[Any]:
    with source.open(encoding=charset) as text:
        try:
            yield from yaml.load_all(text, _LOADER)
        except yaml.YAMLError as error:
            raise Bad(f"the file is not YAML: {error}") from None


def from_ion(source: Path, target: Path, options: Mapping[str, Any], report: Report) -> int:
    del report
    return _write(target, options["charset"], read_rows(source))


def to_json(source: Path, target: Path, options: Mapping[str, Any], report: Report) -> int:
    del report
    plain = plain_of("UTC")
    documents = [plain(each) for each in _documents(source, options["charset"])]
    if options["jsonl"]:
        text = "".join(encoded(each) + "\n" for each in documents)
    else:
        text = encoded(documents[0] if len(documents) == 1 else documents)
    target.write_text(text, encoding=options["charset"])
    return len(documents)


def from_json(source: Path, target: Path, options: Mapping[str, Any], report: Report) -> int:
    del report
    with in_utf8(source, options["charset"]) as text:
        if options["jsonl"]:
            return _write(target, options["charset"], lines(text))
        values = list(elements(text))
    is_list = source.read_bytes()[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"["
    return _write(target, options["charset"], [values] if is_list else values) and len(values)


def _write(target: Path, charset: str, documents: Iterable[Any]) -> int:
    """Several documents have a line `---` before each but the first."""
    count = 0
    with target.open("w", encoding=charset) as out:
        for count, document in enumerate(documents, 1):
            if count > 1:
                out.write("---\n")
            yaml.safe_dump(_simple(document), out, allow_unicode=True, sort_keys=False)
    return count


def _simple(value: Any) -> Any:
    """YAML knows no decimals."""
    if isinstance(value, Decimal):
        return (
            int(value)
            if value == value.to_integral_value() and value.as_tuple().exponent == 0
            else float(value)
        )
    if isinstance(value, dict):
        return {key: _simple(each) for key, each in value.items()}
    return [_simple(each) for each in value] if isinstance(value, list) else value
