"""``core.log.Log``: write text to the task's log."""

from __future__ import annotations

from toccata.plugin import pure_task

LOG = pure_task("io.kestra.plugin.core.log.Log")
