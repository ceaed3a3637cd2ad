"""Turns a Python annotation into words for people who do not write Python."""

from __future__ import annotations

from types import NoneType
from typing import Any, Literal, get_args, get_origin

from docs.generate.table import code

_WORDS = {
    "str": "text",
    "int": "integer",
    "float": "number",
    "bool": "true or false",
    "Path": "path",
    "SecretStr": "secret text",
}


def in_words(annotation: Any) -> str:
    origin = get_origin(annotation)
    if origin is Literal:
        return ", ".join(code(each) for each in get_args(annotation))
    if origin in (list, tuple):
        return f"list of {in_words(get_args(annotation)[0])}"
    if origin is not None:
        return " or ".join(in_words(each) for each in get_args(annotation) if each is not NoneType)
    name = getattr(annotation, "__name__", str(annotation))
    return _WORDS.get(name, name)
