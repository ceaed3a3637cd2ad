"""``core.execution.Assert``: fail unless every condition is true."""

from __future__ import annotations

from contracts.language.expression.template import is_truthy
from contracts.language.types.property import Properties, dynamic
from contracts.language.types.pure import Line, Metric, PureTask, Result


class Assert(Properties):
    """Fails unless every rendered condition is true. Each that is not is logged."""

    conditions: list[str | bool] = dynamic(
        doc="expressions; empty text, false, 0 and -0 count as false; everything else as true"
    )
    error_message: str | None = dynamic(None, doc="the message to fail with")


def decide(task: Assert) -> Result:
    texts = [str(each).lower() if isinstance(each, bool) else each.strip() for each in task.conditions]
    failed = [number for number, text in enumerate(texts, 1) if not is_truthy(text)]
    lines = [
        Line("ERROR", f"Assertion {number} of {len(texts)} failed: `{texts[number - 1]}`")
        for number in failed
    ]
    metrics = [
        Metric("counter", "success", len(texts) - len(failed)),
        Metric("counter", "failed", len(failed)),
    ]
    message = task.error_message or f"{len(failed)} of {len(texts)} assertions failed"
    return Result(lines=lines, metrics=metrics, failure=message if failed else None)


ASSERT = PureTask(
    name="io.kestra.plugin.core.execution.Assert",
    title="Check conditions",
    properties=Assert,
    decide=decide,
    examples=(
        """id: check
type: io.kestra.plugin.core.execution.Assert
errorMessage: no rows
conditions:
  - "{{ inputs.rows > 0 }}\"""",
    ),
)
