"""Completions at a place of a flow: keys, types, values of keys, ids of tasks and inputs, and what an expression may use.

Lines and columns count from 0, in characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from contracts.language.types.index import INPUTS
from toccata.editor.expression import expression_before, offers
from toccata.editor.language import Language, Schema
from toccata.editor.outline import Cursor, Node, locate
from toccata.editor.shape import Key, Shape, keys_of, shape_at, type_words, words_of

_TYPED = {"task": "task", "trigger": "trigger", "runner": "runner", "input": "input"}


@dataclass(frozen=True, slots=True)
class Completion:
    label: str
    kind: str
    """``key``, ``type``, ``value``, ``id``, ``variable``, ``field``, ``function``, ``filter``, ``test`` or ``keyword``."""
    insert: str
    """What replaces the text from ``column`` to the cursor."""
    column: int
    detail: str = ""
    documentation: str = ""
    """Markdown."""
    deprecated: bool = False

    def as_data(self) -> dict[str, object]:
        return {
            "label": self.label,
            "kind": self.kind,
            "insert": self.insert,
            "column": self.column + 1,
            "detail": self.detail,
            "documentation": self.documentation,
            "deprecated": self.deprecated,
        }


def completions(language: Language, text: str, line: int, column: int) -> list[Completion]:
    """Return all completions that begin as the word at this place does. Never raises for a text that is no YAML."""
    lines = text.splitlines()
    cursor = locate(lines, line, column)
    typed = cursor.typed
    in_expression = _in_expression(language, cursor)
    if in_expression is not None:
        return in_expression
    if cursor.entry is not None:
        found = list(_values(language, cursor, cursor.entry))
    else:
        found = [*_keys(language, cursor), *_items(language, cursor)]
    wanted = typed.strip().strip("\"'").lower()
    return [each for each in found if wanted in each.label.lower()]


def _in_expression(language: Language, cursor: Cursor) -> list[Completion] | None:
    inside = expression_before(cursor.typed)
    if inside is None:
        return None
    opening = cursor.typed[: len(cursor.typed) - len(inside)].rstrip("-")[-2:]
    found, path = offers(language, cursor.root, inside, is_tag=opening == "{%")
    if re.search(r"\boutputs\.[\w-]*$", inside):
        own = _own_task(cursor)
        found = [each for each in found if each.name != own]
    word = path.replace("['", ".").rpartition(".")[2].strip("'\"]")
    column = cursor.column + len(cursor.typed) - len(word)
    return [
        Completion(each.name, each.kind, each.name, column, each.detail, each.documentation)
        for each in found
        if each.name.lower().startswith(word.lower())
    ]


def _own_task(cursor: Cursor) -> str:
    """Return the id of the task that is typed in. It has no outputs yet."""
    node: Node | None = cursor.owner
    while node is not None and not (node.text("id") and node.text("type")):
        node = node.parent
    return node.text("id") if node is not None else ""


def _keys(language: Language, cursor: Cursor) -> Iterator[Completion]:
    shape = shape_at(language, cursor.owner)
    if shape.is_list and cursor.owner.kind == "key":
        # A list whose first dash is not written yet.
        return
    present = {each.key for each in cursor.owner.keys}
    for key in keys_of(language, shape, cursor.owner):
        if key.name not in present:
            yield _of_key(key, cursor.column)


def _of_key(key: Key, column: int) -> Completion:
    detail = " ".join(filter(None, [type_words(key.schema), "required" if key.required else ""]))
    documentation = str(key.schema.get("description") or "")
    deprecated = bool(key.schema.get("deprecated"))
    return Completion(key.name, "key", f"{key.name}: ", column, detail, documentation, deprecated)


def _values(language: Language, cursor: Cursor, entry: Node) -> Iterator[Completion]:
    owner = cursor.owner
    shape = shape_at(language, owner)
    if entry.key == "type" and shape.kind in _TYPED:
        for kind in language.types(_TYPED[shape.kind]):
            yield Completion(
                kind.name, "type", kind.name, cursor.column, kind.title, "", deprecated=kind.deprecated
            )
        return
    if entry.key in {"type", "itemType"} and shape.kind in {"plain", "input"}:
        yield from _words(INPUTS, cursor, "type")
    schema = next((key.schema for key in keys_of(language, shape, owner) if key.name == entry.key), {})
    yield from _words(words_of(schema), cursor, "value")
    yield from _flows(language, owner, entry, cursor)


def _words(words: Iterable[str], cursor: Cursor, kind: str) -> Iterator[Completion]:
    for word in words:
        yield Completion(word, kind, word, cursor.column)


def _flows(language: Language, owner: Node, entry: Node, cursor: Cursor) -> Iterator[Completion]:
    if entry.key == "flowId":
        yield from _words(sorted(language.flows().get(owner.text("namespace"), ())), cursor, "id")
    elif entry.key == "namespace":
        yield from _words(sorted(language.flows()), cursor, "id")


def _items(language: Language, cursor: Cursor) -> Iterator[Completion]:
    """Complete an item of a list that is one word: ids of what something depends on, or words of an enumeration."""
    owner = cursor.owner.parent if cursor.in_list and cursor.owner.kind == "item" else cursor.owner
    if not cursor.in_list or owner is None or owner.kind != "key":
        return
    above = owner.parent
    if owner.key == "dependsOn" and above is not None:
        siblings = above.parent.items if above.parent is not None else []
        names = [item.get("task").text("id") for item in siblings if item is not above and item.get("task")]  # type: ignore[union-attr]
        yield from _words(filter(None, names), cursor, "id")
    elif owner.key == "inputs" and above is not None and above.key == "dependsOn":
        declared = cursor.root.get("inputs")
        own = above.parent.text("id") if above.parent is not None else ""
        ids = [item.text("id") for item in declared.items] if declared is not None else []
        yield from _words([name for name in ids if name and name != own], cursor, "id")
    else:
        yield from _words(words_of(_item_schema(language, owner)), cursor, "value")


def _item_schema(language: Language, owner: Node) -> Schema:
    shape: Shape = shape_at(language, owner)
    items = shape.schema.get("items", {})
    return {**items, "$defs": shape.definitions} if isinstance(items, dict) else {}
