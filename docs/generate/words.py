"""The page of functions, filters and tests of expressions, from the vocabulary."""

from __future__ import annotations

from collections.abc import Mapping

from contracts.language.expression.check import CHECKS
from contracts.language.expression.filters import FILTERS
from contracts.language.expression.functions import FUNCTIONS
from contracts.language.expression.impure import UNBUILT_FUNCTIONS, WORKER_FUNCTIONS
from contracts.language.expression.vocabulary import Word
from docs.generate.table import Pages, block, code, page

INTRODUCTION = """
All functions, filters and tests that an expression may use. [Expressions](../language/expressions.md) describes the syntax.
Arguments in brackets are optional. Arguments can be given by name: `date(timeZone='Europe/Berlin')`.
"""


def pages() -> Pages:
    text = page(
        "Functions, filters and tests",
        INTRODUCTION,
        *_section("Functions", "function", FUNCTIONS),
        *_outside(),
        *_section("Filters", "filter", FILTERS),
        *_section("Tests", "test", CHECKS),
    )
    return {"reference/expressions.md": text}


def _section(title: str, kind: str, words: Mapping[str, Word]) -> list[str]:
    parts = [f"## {title} {{#{kind}s}}"]
    for name in sorted(words, key=str.lower):
        word = words[name]
        parts += [
            f"### {name} {{#{kind}-{name}}}",
            f"`{signature(kind, name, word)}`",
            word.doc,
            _example(word),
        ]
    return parts


def _outside() -> list[str]:
    supplied = ", ".join(code(f"{name}()") for name in sorted(WORKER_FUNCTIONS))
    unbuilt = ", ".join(code(name) for name in sorted(UNBUILT_FUNCTIONS, key=str.lower))
    return [
        "## Functions that reach outside {#outside}",
        f"A worker supplies {supplied}: see [where they work](../language/expressions.md#impure).",
        f"Kestra also has these, which are not built here yet. A template that calls one fails when it is rendered: {unbuilt}.",
    ]


def signature(kind: str, name: str, word: Word) -> str:
    needed = ", ".join(word.parameters[: word.required])
    optional = "".join(
        f"[, {each}]" if needed or at else f"[{each}]"
        for at, each in enumerate(word.parameters[word.required :])
    )
    more = "…" if word.variadic else ""
    arguments = needed + optional + more
    match kind:
        case "function":
            return f"{name}({arguments})"
        case "filter":
            return f"value | {name}" + (f"({arguments})" if arguments else "")
        case _:
            return f"value is {name}"


def _example(word: Word) -> str:
    template, arrow, result = word.example.partition(" → ")
    return block("jinja", template) + ("\n\ngives\n\n" + block("text", result) if arrow else "")
