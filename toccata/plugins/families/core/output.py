"""``core.output.OutputValues``: return rendered values."""

from __future__ import annotations

from toccata.plugin import pure_task

OUTPUT_VALUES = pure_task("io.kestra.plugin.core.output.OutputValues")
