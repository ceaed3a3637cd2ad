"""How tasks name files: which ones of namespaces they get (``namespaceFiles``), and which ones they write (``inputFiles``)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from contracts.json_text import NotJson, loads
from contracts.language.expression.presence import has_expression
from contracts.language.types.property import Properties, dynamic, upper

_WORDS = {"true": True, "false": False}


def _listed(value: object) -> object:
    if not isinstance(value, str):
        return value
    return _from_json(value) if value.lstrip().startswith("[") else [value]


def _named(value: object) -> object:
    if isinstance(value, str):
        # An expression gives the map when the task runs, and is then read once more.
        value = {} if has_expression(value) else _from_json(value)
    if not isinstance(value, list):
        return value
    found: dict[str, object] = {}
    for each in value:
        if isinstance(each, dict):
            found |= each
        elif isinstance(each, str):
            found[each.rpartition("/")[2]] = each
        else:
            raise ValueError(  # noqa: TRY004 - pydantic reports ValueError only
                "each entry of the list must be the URI of a file, or a map of names and contents"
            )
    return found


def _from_json(text: str) -> object:
    try:
        return loads(text)
    except NotJson as error:
        raise ValueError(f"is not JSON: {error}") from None


def _word(value: object) -> object:
    return _WORDS.get(value.strip().lower(), value) if isinstance(value, str) else value


Texts = Annotated[list[str], BeforeValidator(_listed)]
"""Written as a list, as one text, or as JSON of a list."""
Files = Annotated[dict[str, Any], BeforeValidator(_named)]
"""Name and content, or name and URI. Written as a map, as JSON of one, or as a list of URIs."""
Switch = Annotated[bool | str, BeforeValidator(_word)]
"""A boolean, or an expression that gives one."""


class WantedFiles(Properties):
    """Files of namespaces that are copied before the task runs."""

    enabled: Switch = dynamic(default=True, doc="false: no file is copied")
    namespaces: Texts = dynamic(
        [], doc="whose files are copied, those of the last one at last; default: the flow's own"
    )
    include: Texts = dynamic([], doc="globs of paths; default: all files")
    exclude: Texts = dynamic([], doc="globs of paths that are left out")
    if_exists: Annotated[Literal["OVERWRITE", "FAIL", "WARN", "IGNORE"], BeforeValidator(upper)] = dynamic(
        "OVERWRITE", doc="what to do with a file that is there already"
    )
    folder_per_namespace: Switch = dynamic(
        default=False, doc="true: the files of each namespace are in a folder of its name"
    )
