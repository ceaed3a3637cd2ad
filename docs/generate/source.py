"""Reads the product's source as data: its modules, and the descriptions below fields."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from textwrap import dedent

ROOT = Path(__file__).parents[2]
PACKAGES = ("contracts", "services", "toccata")


@cache
def modules() -> dict[str, Path]:
    """Every module by name."""
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
    }


@cache
def tree(name: str) -> ast.Module:
    return ast.parse(modules()[name].read_text(encoding="utf-8"))


def calls(name: str) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree(name)) if isinstance(node, ast.Call))


def text_of(node: ast.expr | None) -> str | None:
    """The value of a constant text, which may be joined from several."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return None


def field_docs(owner: type) -> dict[str, str]:
    """The text below each field of a class and of its bases."""
    found: dict[str, str] = {}
    for each in reversed(owner.__mro__):
        if each.__module__.partition(".")[0] in PACKAGES:
            found |= _field_docs(each)
    return found


@cache
def _field_docs(owner: type) -> dict[str, str]:
    body = ast.parse(dedent(inspect.getsource(owner))).body[0]
    assert isinstance(body, ast.ClassDef)
    found = {}
    for field, below in zip(body.body, body.body[1:], strict=False):
        names = isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        doc = text_of(below.value) if isinstance(below, ast.Expr) else None
        if names and doc is not None:
            found[field.target.id] = doc  # type: ignore[attr-defined] # a name, as was just seen
    return found


def own_doc(owner: type) -> str:
    """The class's own docstring, not an inherited one."""
    return inspect.cleandoc(owner.__dict__.get("__doc__") or "")
