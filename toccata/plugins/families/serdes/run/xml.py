"""XML, element by element. Entities are not resolved, and nothing is fetched."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from lxml import etree

from toccata.plugins.families.serdes.run.json import number, plain_of
from toccata.plugins.families.serdes.run.report import Bad, Report
from toccata.rows.read import read_rows
from toccata.rows.write import write_rows

_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")
_NAME = re.compile(r"[A-Za-z_][\w.\-]*")


def to_ion(source: Path, target: Path, options: Mapping[str, Any], report: Report) -> int:
    del report
    forced = set((options["parser_configuration"] or {}).get("force_list", ()))
    path = [part for part in (options["query"] or "").split("/") if part]
    with target.open("wb") as out:
        try:
            return write_rows(out, _elements(source, path, options["charset"], forced))
        except etree.XMLSyntaxError as error:
            raise Bad(f"the file is not XML: {error}") from None


def _elements(source: Path, path: list[str], charset: str, forced: set[str]) -> Iterator[Any]:
    """The elements at the path, each dropped when it has been read; without a path, the document. Raises Bad."""
    declared = None if charset.upper() in {"UTF-8", "UTF8"} else charset
    events = etree.iterparse(
        source,
        ("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        encoding=declared,
        remove_comments=True,
        remove_pis=True,
    )
    open_names: list[str] = []
    found = 0
    for event, element in events:
        if event == "start":
            open_names.append(_local(element.tag))
            continue
        if path and open_names == path:
            found += 1
            yield _value(element, forced)
            _drop(element)
        elif not path and len(open_names) == 1:
            yield {open_names[0]: _value(element, forced)}
        open_names.pop()
    if path and not found:
        raise Bad(f"query: the file has no element /{'/'.join(path)}")


def _drop(element: Any) -> None:
    element.clear()
    while element.getprevious() is not None:
        del element.getparent()[0]


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _value(element: Any, forced: set[str]) -> Any:
    fields: dict[str, Any] = {_local(name): _typed(text) for name, text in element.attrib.items()}
    for child in element:
        if not isinstance(child.tag, str):
            continue
        name, value = _local(child.tag), _value(child, forced)
        if name not in fields:
            fields[name] = [value] if name in forced else value
        elif isinstance(fields[name], list):
            fields[name].append(value)
        else:
            fields[name] = [fields[name], value]
    text = (element.text or "").strip()
    if not fields:
        return _typed(text)
    return {**fields, "content": _typed(text)} if text else fields


def _typed(text: str) -> Any:
    if text in {"true", "false"}:
        return text == "true"
    if not _NUMBER.fullmatch(text):
        return text
    return int(text) if text.lstrip("-").isdigit() else number(text)


def from_ion(source: Path, target: Path, options: Mapping[str, Any], report: Report) -> int:
    del report
    plain = plain_of(options["time_zone_id"])
    _checked(options["root_name"])
    count = 0
    with etree.xmlfile(str(target), encoding=options["charset"]) as file:
        file.write_declaration()
        with file.element(options["root_name"]):
            for count, row in enumerate(read_rows(source), 1):  # noqa: B007 - the last is the number of rows
                file.write(_element("item", plain(row)))
    return count


def _element(name: str, value: Any) -> Any:
    element = etree.Element(_checked(name))
    if isinstance(value, dict):
        for key, each in value.items():
            for one in each if isinstance(each, list) else [each]:
                element.append(_element(key, one))
    elif isinstance(value, list):
        for each in value:
            element.append(_element("item", each))
    elif value is not None:
        try:
            element.text = _text(value)
        except ValueError:
            raise Bad(f"`{name}` has a sign that XML cannot hold: {value!r:.80}") from None
    return element


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise Bad(
            f"`{name}` cannot be the name of an element: it must begin with a letter and have no spaces"
        )
    return name


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return format(value, "f") if isinstance(value, Decimal) else str(value)
