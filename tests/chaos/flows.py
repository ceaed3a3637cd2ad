"""The flow that chaos offers, in three copies by the way it starts, and its expected results for each number."""

from __future__ import annotations

from pathlib import Path

from contracts.scalars import JsonObject

NAMESPACE = "chaos"
LIMIT = 5
"""The flow that is started through the API."""
VIAS = ("event", "webhook", "api")
EVENT_TYPE = "chaos.offered"
KEY = "chaos-webhook-key"

_BODY = """\
id: {via}
namespace: chaos
inputs:
  - id: n
    type: INT
tasks:
  - id: first
    type: io.kestra.plugin.core.output.OutputValues
    values:
      n: "{{{{ inputs.n }}}}"
  - id: fork
    type: io.kestra.plugin.core.flow.Parallel
    tasks:
      - id: left
        type: io.kestra.plugin.core.debug.Return
        format: "left {{{{ inputs.n }}}}"
      - id: right
        type: io.kestra.plugin.core.flow.Sleep
        duration: PT0.05S
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: [a, b]
    tasks:
      - id: leaf
        type: io.kestra.plugin.core.debug.Return
        format: "{{{{ taskrun.value }}}}{{{{ inputs.n }}}}"
  - id: marked
    type: io.kestra.plugin.scripts.shell.Commands
    runIf: "{{{{ inputs.n % 10 == 0 }}}}"
    taskRunner:
      type: io.kestra.plugin.core.runner.Process
    commands:
      - echo "{{{{ execution.id }}}} {{{{ taskrun.id }}}} {{{{ taskrun.attemptsCount + 1 }}}}" >> {marks}
  - id: flaky
    type: io.kestra.plugin.scripts.shell.Commands
    runIf: "{{{{ inputs.n % 10 == 5 }}}}"
    taskRunner:
      type: io.kestra.plugin.core.runner.Process
    commands:
      - test {{{{ taskrun.attemptsCount }}}} -ge 1
    retry:
      type: constant
      interval: PT0.4S
      maxAttempts: 10
  - id: last
    type: io.kestra.plugin.core.debug.Return
    format: "{{{{ outputs.first.values.n }}}} {{{{ outputs.left.value }}}} {{{{ outputs.leaf.b.value }}}}"
outputs:
  - id: result
    type: STRING
    value: "{{{{ outputs.last.value }}}}"
"""
_TAILS = {
    "event": f"""\
triggers:
  - id: on_event
    type: io.toccata.plugin.core.trigger.Event
    eventType: {EVENT_TYPE}
    inputs:
      n: "{{{{ trigger.data.n }}}}"
""",
    "webhook": f"""\
triggers:
  - id: hook
    type: io.kestra.plugin.core.trigger.Webhook
    key: {KEY}
    inputs:
      n: "{{{{ trigger.body.n }}}}"
""",
    "api": f"""\
concurrency:
  limit: {LIMIT}
  behavior: QUEUE
""",
}


def source(via: str, marks: Path) -> str:
    return _BODY.format(via=via, marks=marks) + _TAILS[via]


def is_to_be_killed(n: int) -> bool:
    """Return whether somebody kills it. Of those that leave a mark, none is, because each mark is counted."""
    return n % 10 == 3 or n % 20 == 15


def expected_outputs(n: int) -> dict[str, JsonObject]:
    """Return the expected outputs of task runs by name. Those of scripts are empty or absent."""
    return {
        "first": {"values": {"n": str(n)}},
        "left": {"value": f"left {n}"},
        "leaf[a]": {"value": f"a{n}"},
        "leaf[b]": {"value": f"b{n}"},
        "last": {"value": f"{n} left {n} b{n}"},
    }


def expected_states(n: int) -> dict[str, str]:
    names = ("first", "fork", "left", "right", "each", "leaf[a]", "leaf[b]", "last")
    return {
        **dict.fromkeys(names, "SUCCESS"),
        "marked": "SUCCESS" if n % 10 == 0 else "SKIPPED",
        "flaky": "SUCCESS" if n % 10 == 5 else "SKIPPED",
    }


def expected_result(n: int) -> JsonObject:
    return {"result": f"{n} left {n} b{n}"}
