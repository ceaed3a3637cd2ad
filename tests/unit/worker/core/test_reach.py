"""Which files a template may read."""

from __future__ import annotations

from typing import Any

import pytest

from services.worker.core.reach import may_use, why_not

TRIGGER = {"namespace": "other", "flowId": "parent", "executionId": "p1"}


@pytest.mark.parametrize(
    ("uri", "trigger", "granted", "allowed"),
    [
        ("kestra:///a/b/f/executions/1/x", None, (), True),
        ("kestra:///a/b/c/f/executions/1/x", None, (), True),
        ("kestra:///a/f/executions/1/x", None, (), False),
        ("kestra:///a/bc/f/executions/1/x", None, (), False),
        ("kestra:///other/parent/executions/p1/x", None, (), False),
        ("kestra:///other/parent/executions/p1/x", TRIGGER, (), True),
        ("kestra:///other/parent/executions/p2/x", TRIGGER, (), False),
        ("kestra:///other/parent/executions/p1x/x", TRIGGER, (), False),
        ("kestra:///other/parent/executions/p1/x", {"namespace": 1}, (), False),
        ("kestra:///other/f/executions/1/x", None, ("other",), True),
        ("kestra:///any/f/executions/1/x", "no map", ("*",), True),
    ],
)
def test_files_of_executions(uri: str, trigger: Any, granted: tuple[str, ...], allowed: bool) -> None:
    refusal = why_not(uri, "a.b", trigger, granted)
    assert (refusal is None) is allowed
    if refusal is not None:
        assert uri in refusal
        assert "didn't belong to the current execution" in refusal


@pytest.mark.parametrize(
    ("owner", "granted", "allowed"),
    [
        ("a.b", (), True),
        ("a", (), True),
        ("a.b.c", (), False),
        ("x", (), False),
        ("x.y", ("x",), True),
        ("x", ("*",), True),
    ],
)
def test_namespace_files(owner: str, granted: tuple[str, ...], allowed: bool) -> None:
    assert may_use(owner, "a.b", granted) is allowed
