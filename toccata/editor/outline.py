"""A flow's text as a tree of keys and items, by indentation alone. While somebody types, a text is rarely YAML. Never raises.

Lines and columns count from 0. Collections in braces are read within one line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

_KEY = re.compile(
    r"""(?P<key>"[^"]*"|'[^']*'|[^\s#"'{\[\],:&*!|>%@-][^#:{}\[\],]*?|-[^\s:][^:]*?)\s*:(?=\s|$)"""
)
_BLOCK = re.compile(r"[|>][-+0-9]*\s*(?:#.*)?$")
_FLOW = re.compile(
    r"""(?P<open>[{\[])|(?P<close>[}\]])|(?P<comma>,)|(?P<quoted>"(?:[^"\\]|\\.)*"?|'[^']*'?)|(?P<plain>[^{}\[\],"']+|.)"""
)
_FLOW_KEY = re.compile(r"\s*(?P<key>[\w.$-]+)\s*:(?:\s+|$)")


@dataclass(eq=False, slots=True)
class Node:
    """A key with its value, or an item of a list."""

    kind: Literal["root", "key", "item"]
    line: int = 0
    column: int = -1
    key: str = ""
    value: str = ""
    """What stands behind the colon or the dash in the same line."""
    value_column: int = 0
    block: bool = False
    """The value is a text in the lines below."""
    parent: Node | None = None
    children: list[Node] = field(default_factory=list)

    def get(self, key: str) -> Node | None:
        return next((each for each in self.children if each.kind == "key" and each.key == key), None)

    def text(self, key: str) -> str:
        """Return the scalar behind this key. Empty if there is none."""
        found = self.get(key)
        return found.scalar if found is not None else ""

    @property
    def scalar(self) -> str:
        """The value without quotes and comments."""
        text = self.value.strip()
        if text[:1] in {'"', "'"}:
            return text[1:].split(text[0])[0]
        return re.split(r"\s#", text)[0].strip()

    @property
    def items(self) -> list[Node]:
        return [each for each in self.children if each.kind == "item"]

    @property
    def keys(self) -> list[Node]:
        return [each for each in self.children if each.kind == "key"]

    def path(self) -> list[Node]:
        """Return the nodes from the root's child to this one."""
        found: list[Node] = []
        node: Node | None = self
        while node is not None and node.kind != "root":
            found.insert(0, node)
            node = node.parent
        return found


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where something is typed."""

    root: Node
    owner: Node
    """Holds the key or the item that is typed: the map, or the list."""
    entry: Node | None
    """The key whose value is typed. None: a key, or an item, is typed."""
    typed: str
    """What stands before the cursor of the key or the value."""
    column: int
    """Where that begins."""
    in_list: bool = False
    """An item that is a scalar may stand here as well."""


def outline(lines: list[str]) -> Node:
    return _read(lines, None, 0)[0]


def locate(lines: list[str], line: int, column: int) -> Cursor:
    """Return what is typed at this place. The rest of the line counts as not written yet, but for keys in the same braces."""
    lines = [*lines, ""] if line >= len(lines) else lines
    root, cursor = _read(lines, line, column)
    return cursor or Cursor(root, root, None, "", column)


def _read(lines: list[str], at: int | None, column: int) -> tuple[Node, Cursor | None]:
    root = Node("root")
    stack = [root]
    cursor: Cursor | None = None
    for number, whole in enumerate(lines):
        line = whole[:column] if number == at else whole
        indent = len(line) - len(line.lstrip(" "))
        top = stack[-1]
        if top.block and (indent > top.column or not line.strip()):
            if number == at:
                cursor = Cursor(root, top.parent or root, top, line, 0)
            continue
        if number != at and (not line.strip() or line.lstrip().startswith("#")):
            continue
        found = _line(root, stack, number, line, is_typed=number == at)
        if number == at:
            cursor = found
            _complete(found, whole[column:])
    return root, cursor


def _line(root: Node, stack: list[Node], number: int, line: str, *, is_typed: bool) -> Cursor | None:
    """Take one line into the tree. Return the cursor at its end if it is the line that is typed."""
    at = len(line) - len(line.lstrip(" "))
    while line[at : at + 2] == "- " or line[at:] == "-":
        _leave(stack, at, is_item=True)
        item = _add(stack, Node("item", number, at))
        rest = line[at + 1 :]
        at += 1 + len(rest) - len(rest.lstrip(" "))
        item.value, item.value_column = line[at:], at
    found = _KEY.match(line, at)
    if found is None:
        return _rest(root, stack, number, line, at) if is_typed else _scalar(stack, number, line, at)
    _leave(stack, at, is_item=False)
    value_at = found.end() + len(line[found.end() :]) - len(line[found.end() :].lstrip(" "))
    node = Node("key", number, at, found["key"].strip("\"'"), line[value_at:], value_at)
    node.block = bool(_BLOCK.match(node.value))
    _add(stack, node)
    if node.value[:1] in {"{", "["}:
        return _flow(root, node, number, node.value, value_at, is_typed=is_typed)
    if not is_typed:
        return None
    typed_at = min(value_at, len(line))
    return Cursor(root, node.parent or root, node, line[typed_at:], typed_at)


def _scalar(stack: list[Node], number: int, line: str, at: int) -> Cursor | None:
    top = stack[-1]
    if top.kind == "item" and top.line == number and line[at : at + 1] in {"{", "["}:
        _flow(top, top, number, line[at:], at, is_typed=False)
    return None


def _rest(root: Node, stack: list[Node], number: int, line: str, at: int) -> Cursor:
    """A key or a scalar that is not finished."""
    top = stack[-1]
    if top.kind == "item" and top.line == number and line[at : at + 1] in {"{", "["}:
        return _flow(root, top, number, line[at:], at, is_typed=True) or Cursor(root, top, None, "", at)
    starts_item = top.kind == "item" and top.line == number
    if not starts_item:
        _leave(stack, at, is_item=False)
    owner = stack[-1]
    return Cursor(root, owner, None, line[at:], at, in_list=starts_item)


def _leave(stack: list[Node], at: int, *, is_item: bool) -> None:
    """Leave the nodes that do not hold what begins at this column."""
    while len(stack) > 1:
        top = stack[-1]
        holds = top.column < at
        if is_item and top.column == at and top.kind == "key" and not top.value:
            holds = True  # a list may begin at the column of its key
        if holds:
            return
        stack.pop()


def _add(stack: list[Node], node: Node) -> Node:
    node.parent = stack[-1]
    stack[-1].children.append(node)
    stack.append(node)
    return node


def _flow(  # noqa: PLR0913 - where the text stands, and what for
    root: Node, owner: Node, number: int, text: str, at: int, *, is_typed: bool
) -> Cursor | None:
    """Read a collection in braces or brackets into the owner. Return the cursor at the text's end."""
    open_: list[tuple[Node, str]] = []
    entry: Node | None = None
    begins = at
    pending = ""
    for token in _FLOW.finditer(text):
        where = at + token.start()
        if token["open"]:
            holder = entry or (open_[-1][0] if open_ else owner)
            if open_ and open_[-1][1] == "[":
                holder = Node("item", number, where, parent=open_[-1][0])
                open_[-1][0].children.append(holder)
            open_.append((holder, token["open"]))
            entry, pending, begins = None, "", where + 1
        elif token["close"] or token["comma"]:
            if open_ and open_[-1][1] == "[" and pending.strip():
                open_[-1][0].children.append(_item(open_[-1][0], number, begins, pending))
            if token["close"] and open_:
                open_.pop()
            entry, pending, begins = None, "", where + 1
        else:
            pending += token[0]
            key = _FLOW_KEY.match(pending) if entry is None and open_ and open_[-1][1] == "{" else None
            if key is not None:
                entry = Node("key", number, begins, key["key"], parent=open_[-1][0])
                entry.value_column = begins + key.end()
                open_[-1][0].children.append(entry)
                pending, begins = pending[key.end() :], begins + key.end()
            if entry is not None:
                entry.value = pending
    if not is_typed or not open_:
        return None
    typed = pending.lstrip()
    return Cursor(root, open_[-1][0], entry, typed, begins + len(pending) - len(typed), open_[-1][1] == "[")


def _item(parent: Node, number: int, at: int, value: str) -> Node:
    return Node("item", number, at, value=value.strip(), value_column=at, parent=parent)


def _complete(cursor: Cursor | None, rest: str) -> None:
    """Note the keys behind the cursor in the same braces: they say the type, and are not offered again."""
    if cursor is None or cursor.owner.line != (cursor.entry or cursor.owner).line:
        return
    known = {each.key for each in cursor.owner.keys}
    for found in re.finditer(r"[,{]\s*([\w.]+)\s*:\s*([^,{}\[\]]*)", rest.split("}", maxsplit=1)[0]):
        if found[1] not in known:
            cursor.owner.children.append(
                Node("key", cursor.owner.line, 0, found[1], found[2].strip(), parent=cursor.owner)
            )


def walk(node: Node) -> Iterator[Node]:
    """Yield all nodes below, in the order of the text."""
    for each in node.children:
        yield each
        yield from walk(each)
