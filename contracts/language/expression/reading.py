"""Reads JSON and YAML that a template has as text. What a text becomes takes many times its length, and is charged before."""

from __future__ import annotations

import math
from typing import Any

import yaml

from contracts.json_text import number
from contracts.language.expression.budget import PER_ELEMENT, PER_ENTRY, PER_VALUE, Budget
from contracts.language.expression.errors import LimitExceeded

MAX_DOCUMENT = 1_048_576
MAX_NODES = 100_000
MAX_DEPTH = 100
_MAX_ALIASES = 1_000
_PER_NODE = 1_024
"""Bytes of a node of PyYAML with its marks, and of its value."""
_PER_MAP = 240
_YAML = "tag:yaml.org,2002:"
_LONGEST_NUMBER = 100


def charge_json(text: str, budget: Budget) -> None:
    """Charge the value of a JSON text. Every value but the first follows one of these signs."""
    size = text.count("{") * _PER_MAP + text.count("[") * PER_VALUE + text.count(":") * PER_ENTRY
    budget.charge(size + text.count(",") * (PER_VALUE + PER_ELEMENT))
    budget.chars(text, 2)


class _Loader(yaml.CSafeLoader):
    """Keeps timestamps as text, because JSON has no dates. Numbers in base 60 (``1:30``) are text too, as in Kestra: reading a
    long one takes the square of its length."""

    def number(self, node: yaml.ScalarNode) -> Any:
        if len(node.value) > _LONGEST_NUMBER or ":" in node.value:
            return node.value
        if node.tag == _YAML + "int":
            return self.construct_yaml_int(node)
        value = self.construct_yaml_float(node)
        return number(node.value.replace("_", "")) if math.isfinite(value) else value


_Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag != _YAML + "timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_constructor(_YAML + "int", _Loader.number)
_Loader.add_constructor(_YAML + "float", _Loader.number)


def loaded(text: str, budget: Budget) -> Any:
    """Return the value of a YAML text. Raise LimitExceeded, yaml.YAMLError, or ValueError for a number that is none."""
    if len(text) > MAX_DOCUMENT:
        raise LimitExceeded(f"`yaml`: the document has more than {MAX_DOCUMENT} characters")
    budget.chars(text, 3)
    _scan(text, budget)
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        if _size(node, {}) > MAX_NODES:
            raise LimitExceeded(
                f"`yaml`: the document has more than {MAX_NODES} values with its aliases expanded"
            )
        return loader.construct_document(node)
    finally:
        loader.dispose()


def _scan(text: str, budget: Budget) -> None:
    """Look at one event after the other, because the tree of nodes is built at once and by recursion."""
    nodes = depth = aliases = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.NodeEvent):
            nodes += 1
            aliases += isinstance(event, yaml.AliasEvent)
            depth += isinstance(event, yaml.CollectionStartEvent)
            budget.charge(_PER_NODE)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if nodes > MAX_NODES or depth > MAX_DEPTH or aliases > _MAX_ALIASES:
            raise LimitExceeded(
                f"`yaml`: the document has more than {MAX_NODES} values, {MAX_DEPTH} levels or {_MAX_ALIASES} aliases"
            )


def _size(node: Any, known: dict[int, int]) -> int:
    """Count the values below a node. An alias counts as all that it stands for."""
    size = known.get(id(node))
    if size is None:
        known[id(node)] = MAX_NODES + 1  # an alias of an enclosing node is then too large
        parts = node.value if isinstance(node, yaml.CollectionNode) else ()
        flat = [part for pair in parts for part in pair] if isinstance(node, yaml.MappingNode) else parts
        size = known[id(node)] = min(1 + sum(_size(part, known) for part in flat), 2 * MAX_NODES)
    return size
