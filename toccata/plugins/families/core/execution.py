"""``core.execution.*``: tasks about their own execution."""

from __future__ import annotations

from toccata.plugin import pure_task

FAIL = pure_task("io.kestra.plugin.core.execution.Fail")
ASSERT = pure_task("io.kestra.plugin.core.execution.Assert")
EXIT = pure_task("io.kestra.plugin.core.execution.Exit")
LABELS = pure_task("io.kestra.plugin.core.execution.Labels")
RESUME = pure_task("io.kestra.plugin.core.execution.Resume")
SET_VARIABLES = pure_task("io.kestra.plugin.core.execution.SetVariables")
UNSET_VARIABLES = pure_task("io.kestra.plugin.core.execution.UnsetVariables")
