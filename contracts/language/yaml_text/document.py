"""Reads YAML text to a plain JSON-like value with the position of every part. It builds from parser events without
recursion, so that depth, size and aliases are bounded before anything is built. It knows nothing of flows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import yaml

from contracts.language.yaml_text.problem import QUOTE_EXPRESSION, explain, explain_character
from contracts.language.yaml_text.scalar import TAG, Scalar, plain_scalar, tagged_scalar

PlainValue: TypeAlias = "dict[str, PlainValue] | list[PlainValue] | Scalar"

MAX_SOURCE_BYTES = 400_000
"""A revision travels as one log record, together with the definitions of its triggers. A record may have 1 MiB, and quotes
and line ends take two bytes there."""
MAX_DEPTH = 64
MAX_NODES = 200_000
"""Counted with all aliases expanded."""


class FlowSyntaxError(ValueError):
    """The text is not a YAML document that can be read. The message says where; ``line`` and ``column`` count from 1."""

    def __init__(self, problem: str, line: int, column: int, suggestion: str = "") -> None:
        super().__init__(f"Illegal flow yaml: {problem} (at line {line}, column {column})")
        self.problem = problem
        self.suggestion = suggestion
        self.line = line
        self.column = column


class _Place:
    """The place of a value, and the places of its parts."""

    __slots__ = ("column", "keys", "line", "literal", "parts", "quoted")

    def __init__(self, line: int, column: int) -> None:
        self.line = line
        self.column = column
        self.literal = False
        self.quoted = False
        self.parts: dict[str | int, _Place] = {}
        self.keys: dict[str, tuple[int, int]] = {}


class Document:
    __slots__ = ("_place", "value")

    def __init__(self, value: PlainValue, place: _Place) -> None:
        self.value = value
        self._place = place

    def position(self, path: Sequence[str | int]) -> tuple[int, int]:
        """Return line and column of the value at that path, or of its nearest ancestor in the text."""
        place = self._nearest(path)[0]
        return place.line, place.column

    def key_position(self, path: Sequence[str | int]) -> tuple[int, int]:
        """Return the place of the key instead of the value, if the last step is a key."""
        if path and isinstance(path[-1], str):
            place, missing = self._nearest(path[:-1])
            if not missing and path[-1] in place.keys:
                return place.keys[path[-1]]
        return self.position(path)

    def is_literal(self, path: Sequence[str | int]) -> bool:
        """Whether the text is written as a block (``|``), so that its lines are lines of the source."""
        place, missing = self._nearest(path)
        return place.literal and not missing

    def text_position(self, path: Sequence[str | int]) -> tuple[int, int]:
        """Return the place of the text's first character: after its quote, or in the line after the bar."""
        place, missing = self._nearest(path)
        if missing:
            return place.line, place.column
        return place.line + place.literal, place.column + place.quoted

    def _nearest(self, path: Sequence[str | int]) -> tuple[_Place, bool]:
        place = self._place
        for step in path:
            part = place.parts.get(step)
            if part is None:
                return place, True
            place = part
        return place, False


def load_document(text: str) -> Document:
    """Read the one document of this text. Raise FlowSyntaxError if that fails."""
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_SOURCE_BYTES:
        problem = f"it has {size} bytes, at most {MAX_SOURCE_BYTES} can be stored"
        raise FlowSyntaxError(problem, 1, 1, "Split it into several flows, or keep long scripts in files.")
    builder = _Builder()
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        raise _explained(error, text) from None
    except (yaml.YAMLError, UnicodeError) as error:
        found = explain_character(text)
        if found is None:
            raise FlowSyntaxError(" ".join(str(error).split()), 1, 1) from None
        raise FlowSyntaxError(found.problem, found.line, found.column, found.suggestion) from None
    if builder.root is None:
        raise FlowSyntaxError("the document is empty: a flow starts with `id:` and `namespace:`", 1, 1)
    return Document(builder.root_value, builder.root)


def _explained(error: yaml.MarkedYAMLError, text: str) -> FlowSyntaxError:
    mark = error.problem_mark or error.context_mark
    at = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    began = (error.context_mark.line + 1, error.context_mark.column + 1) if error.context_mark else at
    found = explain(error.problem or "", error.context or "", at, began, text)
    return FlowSyntaxError(found.problem, found.line, found.column, found.suggestion)


class _Open:
    """A mapping or sequence whose end has not come yet."""

    __slots__ = ("anchor", "depth", "key", "key_at", "merges", "merging", "nodes", "place", "value")

    def __init__(
        self, value: dict[str, PlainValue] | list[PlainValue], place: _Place, anchor: str | None
    ) -> None:
        self.value = value
        self.place = place
        self.anchor = anchor
        self.nodes = 1
        self.depth = 1
        self.key: str | None = None
        self.key_at = (0, 0)
        self.merging = False
        self.merges: list[tuple[PlainValue, _Place]] = []


class _Builder:
    def __init__(self) -> None:
        self.root: _Place | None = None
        self.root_value: PlainValue = None
        self._stack: list[_Open] = []
        self._anchors: dict[str, tuple[PlainValue, _Place, int, int]] = {}

    def take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.MappingStartEvent):
            self._open({}, event)
        elif isinstance(event, yaml.SequenceStartEvent):
            self._open([], event)
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            self._close()
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)
        elif isinstance(event, yaml.DocumentStartEvent) and self.root is not None:
            raise _error("a second document starts here", event, "Give one flow, or split the file at `---`.")

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        if self._expects_key():
            self._key(event)
            return
        place = _Place(*_at(event))
        place.literal = event.style == "|"
        place.quoted = event.style in ("'", '"')
        value = _resolve(event)
        if event.anchor:
            self._anchors[event.anchor] = (value, place, 1, 0)
        self._add(value, place, 1, 0)

    def _expects_key(self) -> bool:
        return bool(self._stack) and isinstance(self._stack[-1].value, dict) and self._stack[-1].key is None

    def _key(self, event: yaml.ScalarEvent) -> None:
        top = self._stack[-1]
        key = event.value
        if not key and event.implicit[0]:
            raise _error("a key is missing before the colon", event)
        if key in top.value:
            line = top.place.keys[key][0]
            raise _error(
                f"duplicate field `{key}`", event, f"It is written in line {line} already: keep one."
            )
        top.key = key
        top.merging = key == "<<" and event.implicit[0]  # Quoted, it is a key like others.
        top.key_at = _at(event)

    def _open(
        self, value: dict[str, PlainValue] | list[PlainValue], event: yaml.CollectionStartEvent
    ) -> None:
        if self._expects_key():
            raise self._no_key(event)
        if len(self._stack) >= MAX_DEPTH:
            raise _error(f"nested more than {MAX_DEPTH} levels deep", event)
        if event.tag not in (None, "!", TAG + "map", TAG + "seq"):
            raise _error(f"tag `{event.tag}` is not supported", event)
        place = _Place(*_at(event))
        self._stack.append(_Open(value, place, event.anchor))

    def _no_key(self, event: yaml.Event) -> FlowSyntaxError:
        """Explain two braces: YAML reads an expression without quotes as a map whose key is a map."""
        place = self._stack[-1].place
        if isinstance(event, yaml.MappingStartEvent) and _at(event) == (place.line, place.column + 1):
            problem = "an expression is not quoted"
            return FlowSyntaxError(problem, place.line, place.column, QUOTE_EXPRESSION)
        return _error("a key must be a plain text", event)

    def _close(self) -> None:
        done = self._stack.pop()
        for source, place in done.merges:
            _merge(done, source, place)
        if done.anchor:
            self._anchors[done.anchor] = (done.value, done.place, done.nodes, done.depth)
        self._add(done.value, done.place, done.nodes, done.depth)

    def _alias(self, event: yaml.AliasEvent) -> None:
        if self._expects_key():
            raise _error("a key must be a plain text", event)
        found = self._anchors.get(event.anchor or "")
        if found is None:
            raise _error(f"alias `*{event.anchor}` has no anchor before it", event)
        self._add(*found)

    def _add(self, value: PlainValue, place: _Place, nodes: int, depth: int) -> None:
        if not self._stack:
            self.root, self.root_value = place, value
            return
        top = self._stack[-1]
        top.nodes += nodes
        top.depth = max(top.depth, depth + 1)
        if len(self._stack) + depth > MAX_DEPTH:
            problem = f"nested more than {MAX_DEPTH} levels deep, aliases expanded"
            raise FlowSyntaxError(problem, place.line, place.column)
        if top.nodes > MAX_NODES:
            problem = f"more than {MAX_NODES} values, aliases expanded"
            raise FlowSyntaxError(problem, place.line, place.column)
        if isinstance(top.value, list):
            top.place.parts[len(top.value)] = place
            top.value.append(value)
            return
        key, top.key = top.key, None
        assert key is not None
        if top.merging:
            top.merges.append((value, place))
            return
        top.value[key] = value
        top.place.parts[key] = place
        top.place.keys[key] = top.key_at


def _merge(target: _Open, source: PlainValue, place: _Place) -> None:
    """Apply YAML's merge key: keys beside it win, and the first of several maps wins."""
    assert isinstance(target.value, dict)
    sources = [(source, place)]
    if isinstance(source, list):
        sources = [(part, place.parts[index]) for index, part in enumerate(source)]
    for value, origin in sources:
        if not isinstance(value, dict):
            raise FlowSyntaxError("`<<` needs a map or a list of maps", origin.line, origin.column)
        for key, part in value.items():
            if key not in target.value:
                target.value[key] = part
                target.place.parts[key] = origin.parts[key]
                target.place.keys[key] = origin.keys[key]


def _resolve(event: yaml.ScalarEvent) -> Scalar:
    text: str = event.value
    if event.implicit[0]:
        return plain_scalar(text)
    if event.implicit[1] or event.tag in (None, "!", TAG + "str"):
        return text
    try:
        return tagged_scalar(text, event.tag)
    except ValueError as error:
        raise _error(str(error), event) from None


def _error(problem: str, event: yaml.Event, suggestion: str = "") -> FlowSyntaxError:
    return FlowSyntaxError(problem, *_at(event), suggestion)


def _at(event: yaml.Event) -> tuple[int, int]:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
