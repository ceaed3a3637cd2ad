"""``core.execution.Fail``: fail on purpose, always or on a condition."""

from __future__ import annotations

from toccata.plugin import pure_task

FAIL = pure_task("io.kestra.plugin.core.execution.Fail")
