"""Unit tests mirror the modules: each module of a core that does something has one test module."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
CORES = (
    "contracts",
    "services/executor/dispatch",
    "services/executor/executions",
    "services/executor/limits",
    "services/executor/registry",
    "services/indexer/core",
    "services/trigger_listener/core",
    "services/web/core",
    "services/worker/core",
)
UNTESTED = frozenset(
    {
        "contracts/generate.py",
        "contracts/history.py",
        "contracts/language/expression/errors.py",
        "contracts/language/expression/impure.py",
        "contracts/language/expression/node.py",
        "contracts/language/expression/overrun.py",
        "contracts/language/flow/catalog.py",
        "contracts/language/flow/field.py",
        "contracts/language/flow/findings.py",
        "contracts/language/flow/input_reader.py",
        "contracts/language/flow/model.py",
        "contracts/language/flow/needs.py",
        "contracts/language/flow/reader.py",
        "contracts/language/flow/schema.py",
        "contracts/language/flow/trigger_start.py",
        "contracts/language/types/flowable/branch.py",
        "contracts/language/types/flowable/each.py",
        "contracts/language/types/flowable/parallel.py",
        "contracts/language/types/flowable/sequential.py",
        "contracts/language/types/generate.py",
        "contracts/language/types/property.py",
        "contracts/language/types/trigger/schedule.py",
        "contracts/language/yaml_text/scalar.py",
        "contracts/machine.py",
        "contracts/message.py",
        "contracts/nesting.py",
        "contracts/scalars.py",
        "contracts/topics.py",
        "services/executor/dispatch/evolve.py",
        "services/executor/dispatch/state.py",
        "services/executor/dispatch/turn.py",
        "services/executor/executions/blueprint.py",
        "services/executor/executions/evolve.py",
        "services/executor/executions/state.py",
        "services/executor/limits/state.py",
        "services/executor/registry/evolve.py",
        "services/executor/registry/state.py",
        "services/indexer/core/attempt.py",
        "services/indexer/core/flow.py",
        "services/indexer/core/memory.py",
        "services/indexer/core/partition.py",
        "services/indexer/core/rows.py",
        "services/indexer/core/task_run.py",
        "services/indexer/core/trigger.py",
        "services/indexer/core/worker.py",
        "services/trigger_listener/core/schedule.py",
        "services/trigger_listener/core/state.py",
        "services/trigger_listener/core/turn.py",
        "services/web/core/rows.py",
        "services/web/core/search/condition.py",
        "services/web/core/search/query.py",
        "services/web/core/search/resource.py",
        "services/web/core/view/page.py",
        "services/web/core/write/rendering.py",
        "services/worker/core/attempt.py",
    }
)
"""Modules that are so far only tested through others. Never add to this list."""


def test_every_module_that_does_something_has_unit_tests_of_its_name() -> None:
    """A module that is missing here needs a test module. One that has a test module must leave the list, which only shrinks."""
    missing = {
        module.relative_to(ROOT).as_posix()
        for core in CORES
        for module in (ROOT / core).rglob("*.py")
        if _does_something(module) and not _tests_of(module).exists()
    }
    assert sorted(missing - UNTESTED) == [], "write tests/unit/…/test_<module>.py"
    assert sorted(UNTESTED - missing) == [], "remove it from the list"


def _does_something(module: Path) -> bool:
    """Return whether the module has more than declarations (messages, events, tables), which a unit test cannot check."""
    if module.name == "__init__.py":
        return False
    tree = ast.parse(module.read_text())
    return any(isinstance(node, ast.FunctionDef) and not _is_declared_only(node) for node in ast.walk(tree))


def _is_declared_only(function: ast.FunctionDef) -> bool:
    """Return whether the body is only a docstring or three dots, as in a protocol."""
    return all(isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant) for each in function.body)


def _tests_of(module: Path) -> Path:
    """``services/executor/limits/decide.py`` is tested by ``tests/unit/executor/limits/test_decide.py``."""
    inside = module.relative_to(ROOT)
    folder = inside.parent.relative_to("services") if inside.parts[0] == "services" else inside.parent
    return ROOT / "tests" / "unit" / folder / f"test_{module.name}"
