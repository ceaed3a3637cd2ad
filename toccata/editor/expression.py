"""What may stand inside of ``{{ }}`` and ``{% %}``: variables of this flow, functions, filters, tests, tags."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from contracts.language.expression.check import CHECKS
from contracts.language.expression.filters import FILTERS
from contracts.language.expression.functions import FUNCTIONS
from contracts.language.expression.impure import WORKER_FUNCTIONS
from contracts.language.expression.vocabulary import Word
from toccata.editor.language import Language
from toccata.editor.outline import Node, walk
from toccata.editor.shape import TASK_LISTS

TAGS = ("if", "elseif", "else", "endif", "for", "endfor", "set", "macro", "endmacro", "block", "endblock", "filter", "endfilter", "raw", "endraw", "verbatim", "endverbatim")  # fmt: skip
_EXECUTION = ("id", "startDate", "originalId", "state", "outputs")
_FLOW = ("id", "namespace", "revision", "tenantId")
_TASKRUN = ("id", "startDate", "attemptsCount", "parentId", "value", "iteration")
_ITEM = ("value", "index", "key", "parent", "parents")
_OPEN = re.compile(r"\{\{-?|\{%-?|\}\}|%\}")
_PATH = re.compile(r"(?:[A-Za-z_]\w*(?:\.[\w-]*|\['[^']*'?\]?)*)$")
_TEXT = re.compile(r"'[^']*$|\"[^\"]*$")


@dataclass(frozen=True, slots=True)
class Offer:
    name: str
    kind: str
    detail: str = ""
    documentation: str = ""


def expression_before(text: str) -> str | None:
    """Return what stands between the last opening and the end of this text. None if the end is not inside of an expression."""
    found = list(_OPEN.finditer(text))
    return text[found[-1].end() :] if found and found[-1][0][0] == "{" else None


def offers(language: Language, root: Node, inside: str, *, is_tag: bool) -> tuple[list[Offer], str]:
    """Return what may follow ``inside``, and the part of it that is the beginning of a word already."""
    typed = _PATH.search(inside)
    path = typed[0] if typed is not None else ""
    before = inside[: len(inside) - len(path)].rstrip()
    if before.endswith("|") and "." not in path:
        return list(_words(FILTERS, "filter")), path
    if re.search(r"\bis(\s+not)?$", before):
        return list(_words(CHECKS, "test")), path
    if is_tag and not before:
        return [Offer(name, "keyword") for name in TAGS], path
    if "." in path or "[" in path:
        steps = re.split(r"[.\[]", path)
        head = [step.strip("'\"]") for step in steps[:-1]]
        return list(_below(language, root, head)), steps[-1].strip("'\"")
    if _TEXT.search(before) and before.count("'") % 2:
        return [], path
    return [*_variables(root), *_words(FUNCTIONS, "function"), *_outside()], path


def _words(words: Mapping[str, Word], kind: str) -> Iterator[Offer]:
    for name, word in words.items():
        yield Offer(
            name, kind, f"{name}({', '.join(word.parameters)})" if word.parameters else name, word.doc
        )


def _outside() -> Iterator[Offer]:
    for name in sorted(WORKER_FUNCTIONS):
        yield Offer(name, "function", f"{name}(…)", "A worker renders it.")


def word_of(name: str) -> tuple[str, Word] | None:
    """Return a function, a filter or a test of this name, and which of them it is."""
    for kind, words in (("function", FUNCTIONS), ("filter", FILTERS), ("test", CHECKS)):
        if name in words:
            return kind, words[name]
    return None


def _variables(root: Node) -> Iterator[Offer]:
    for name, doc in (
        ("execution", "this execution"),
        ("flow", "its flow"),
        ("task", "this task"),
        ("taskrun", "this task run"),
        ("outputs", "outputs of tasks, by task"),
        ("tasks", "states of tasks, by task"),
        ("labels", "labels of the execution"),
        ("trigger", "what started the execution"),
        ("envs", "environment variables `ENV_…`"),
        ("globals", "variables of the server"),
        ("parent", "the task around this one"),
        ("parents", "the tasks around this one, the closest first"),
    ):
        yield Offer(name, "variable", doc)
    if root.get("inputs"):
        yield Offer("inputs", "variable", "the inputs of the execution")
    if root.get("variables"):
        yield Offer("vars", "variable", "the variables of the flow")
    if any(node.text("type").endswith(".Loop") for node in walk(root)):
        yield Offer("item", "variable", "the value of the loop")


def _below(language: Language, root: Node, path: list[str]) -> Iterator[Offer]:
    head, *rest = path
    match head:
        case "flow" | "execution" | "taskrun" | "item" if not rest:
            names = {"flow": _FLOW, "execution": _EXECUTION, "taskrun": _TASKRUN, "item": _ITEM}[head]
            yield from (Offer(name, "field") for name in names)
        case "task" if not rest:
            yield from (Offer(name, "field") for name in ("id", "type"))
        case "inputs":
            yield from _inputs(root, rest)
        case "outputs":
            yield from _outputs(language, root, rest)
        case "tasks":
            yield from (
                [Offer("state", "field")]
                if rest
                else (Offer(id_, "field", kind) for id_, kind in tasks_of(root))
            )
        case "vars":
            yield from _nested(root.get("variables"), rest)
        case "labels":
            yield from _nested(root.get("labels"), rest)
        case "trigger" if not rest:
            yield from _trigger(language, root)
        case _:
            return


def tasks_of(root: Node) -> Iterator[tuple[str, str]]:
    """Yield id and type of every task."""
    for name in TASK_LISTS:
        start = root.get(name)
        for node in walk(start) if start is not None else ():
            if (
                node.text("id")
                and node.text("type")
                and not (node.parent and node.parent.key in {"onResume", "inputs"})
            ):
                yield node.text("id"), node.text("type")


def _inputs(root: Node, rest: list[str]) -> Iterator[Offer]:
    declared = root.get("inputs")
    seen: set[str] = set()
    for item in declared.items if declared is not None else ():
        steps = (item.text("id") or item.text("name")).split(".")
        if steps[: len(rest)] == rest and len(steps) > len(rest) and steps[len(rest)] not in seen:
            seen.add(steps[len(rest)])
            yield Offer(steps[len(rest)], "field", item.text("type"), item.text("description"))


def _outputs(language: Language, root: Node, rest: list[str]) -> Iterator[Offer]:
    if not rest:
        for name, kind in tasks_of(root):
            yield Offer(name, "field", kind)
        return
    kind = dict(tasks_of(root)).get(rest[0], "")
    document = language.document(kind)
    schema = document.outputs if document is not None else None
    for step in rest[1:]:
        schema = _property(schema, step)
    for name, each in (schema or {}).get("properties", {}).items():
        yield Offer(name, "field", str(each.get("type", "")), str(each.get("description", "")))


def _property(schema: Any, name: str) -> Any:
    found = (schema or {}).get("properties", {}).get(name, {})
    reference = str(found.get("$ref", "")).rpartition("/")[2]
    return (schema or {}).get("$defs", {}).get(reference, found) if reference else found


def _nested(node: Node | None, rest: list[str]) -> Iterator[Offer]:
    for step in rest:
        node = node.get(step) if node is not None else None
    for each in node.keys if node is not None else ():
        yield Offer(each.key, "field", each.scalar[:60])


def _trigger(language: Language, root: Node) -> Iterator[Offer]:
    seen = {"id", "type"}
    yield from (Offer(name, "field") for name in ("id", "type"))
    declared = root.get("triggers")
    for item in declared.items if declared is not None else ():
        document = language.document(item.text("type"))
        for name, each in (
            ((document.outputs if document is not None else None) or {}).get("properties", {}).items()
        ):
            if name not in seen:
                seen.add(name)
                yield Offer(
                    name, "field", item.text("type").rpartition(".")[2], str(each.get("description", ""))
                )
