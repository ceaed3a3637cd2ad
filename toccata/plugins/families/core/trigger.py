"""``core.trigger.Toggle``: a task about triggers."""

from __future__ import annotations

from toccata.plugin import pure_task

TOGGLE = pure_task("io.kestra.plugin.core.trigger.Toggle")
