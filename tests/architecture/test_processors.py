"""The five processors have one shape: the same modules, one entrance, and one place that changes state."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from contracts.codec import Codec

ROOT = Path(__file__).parents[2]
PROCESSORS = (
    "services/executor/executions",
    "services/executor/dispatch",
    "services/executor/limits",
    "services/executor/registry",
    "services/trigger_listener/core",
)
MODULES = ("event", "state", "evolve", "decide", "dump", "machine")
DOOR = ("step", "fail", "evolve", "public_key", "dump", "load")
MAKERS = {"state", "evolve", "dump", "record"}
"""``dump`` and ``record`` build state from stored data, before any event is applied to it."""
COLLECTORS = {"self", "turn"}
"""What a decision may write to: its turn, which takes events, outbox and timers. Never the state."""


def _module(folder: str, name: str) -> object:
    return import_module(f"{folder.replace('/', '.')}.{name}")


@pytest.mark.parametrize("folder", PROCESSORS)
def test_a_processor_has_the_same_modules(folder: str) -> None:
    for name in MODULES:
        module, package = ROOT / folder / f"{name}.py", ROOT / folder / name / "__init__.py"
        assert module.exists() or package.exists(), f"{folder}/{name}"


@pytest.mark.parametrize("folder", PROCESSORS)
def test_its_parts_have_the_same_names(folder: str) -> None:
    assert isinstance(vars(_module(folder, "event"))["JOURNAL"], Codec)
    assert callable(vars(_module(folder, "evolve"))["evolve"])
    assert all(callable(vars(_module(folder, "dump"))[name]) for name in ("dump", "load"))
    states = [name for name in vars(_module(folder, "state")) if name.endswith("State") and name != "State"]
    assert len(states) == 1, "one class holds all state of a partition"
    machines = [value for name, value in vars(_module(folder, "machine")).items() if name.endswith("Machine")]
    assert len(machines) == 1
    assert [name for name in DOOR if not callable(getattr(machines[0], name))] == []


@pytest.mark.parametrize("folder", PROCESSORS)
def test_only_evolve_changes_state(folder: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {ast.unparse(node)}"
        for path in sorted((ROOT / folder).rglob("*.py"))
        if path.stem not in MAKERS and f"{folder.replace('/', '.')}.state " in path.read_text()
        for node, target in _written(ast.parse(path.read_text()))
        if _reaches_into(target) and _root(target) not in COLLECTORS
    ]
    assert wrong == []


def test_no_decision_of_executions_settles_by_itself() -> None:
    """What a step moved is looked at in one place, at the step's end, because a decision could forget it."""
    executions = ROOT / "services/executor/executions"
    found = {
        (path.relative_to(executions).as_posix(), name)
        for path in executions.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        for name in (_name(node),)
        if name in {"settle", "moved"}
    }
    assert found == {("machine.py", "settle"), ("schedule.py", "moved"), ("turn.py", "moved")}


def _name(node: ast.AST) -> str:
    """Return a used name, or the attribute ``moved``. A loop has its own ``settle``."""
    if isinstance(node, ast.Attribute) and node.attr == "moved":
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _written(tree: ast.AST) -> Iterator[tuple[ast.stmt, ast.expr]]:
    """Yield every statement that writes, with its target."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.Delete):
            for target in node.targets:
                parts = target.elts if isinstance(target, ast.Tuple) else [target]
                yield from ((node, part) for part in parts)
        elif isinstance(node, ast.AugAssign | ast.AnnAssign):
            yield node, node.target


def _reaches_into(target: ast.expr) -> bool:
    """Return whether the target is an attribute, or an entry of one. A function owns names and its local collections."""
    if isinstance(target, ast.Subscript):
        return isinstance(target.value, ast.Attribute | ast.Subscript)
    return isinstance(target, ast.Attribute)


def _root(target: ast.expr) -> str:
    while isinstance(target, ast.Attribute | ast.Subscript):
        target = target.value
    return target.id if isinstance(target, ast.Name) else ""
