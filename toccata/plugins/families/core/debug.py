"""``core.debug.Return`` returns a rendered text. ``core.debug.Echo`` is the old form of Log."""

from __future__ import annotations

from toccata.plugin import pure_task

RETURN = pure_task("io.kestra.plugin.core.debug.Return")
ECHO = pure_task("io.kestra.plugin.core.debug.Echo")
