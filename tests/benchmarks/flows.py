"""The measured flows, all in the namespace ``bench``."""

from __future__ import annotations

_LOG = "io.kestra.plugin.core.log.Log"

WEBHOOK_KEY = "benchmark-key"
TWO_TASKS = f"""
id: two
namespace: bench
tasks:
  - id: out
    type: io.kestra.plugin.core.output.OutputValues
    values: {{a: "{{{{ execution.id }}}}"}}
  - id: log
    type: {_LOG}
    message: "hello {{{{ outputs.out.values.a }}}}"
triggers:
  - id: hook
    type: io.kestra.plugin.core.trigger.Webhook
    key: {WEBHOOK_KEY}
"""
EVENT = f"""
id: event
namespace: bench
tasks:
  - {{id: log, type: {_LOG}, message: "{{{{ trigger.data.n }}}}"}}
triggers:
  - {{id: on_event, type: io.toccata.plugin.core.trigger.Event, eventType: bench.tick}}
"""


def sequence(count: int) -> str:
    tasks = "\n".join(f"  - {{id: t{n}, type: {_LOG}, message: hello {n}}}" for n in range(count))
    return f"id: logs{count}\nnamespace: bench\ntasks:\n{tasks}\n"


def scripts(count: int) -> str:
    kind = "io.kestra.plugin.scripts.python.Script"
    runner = "{type: io.kestra.plugin.core.runner.Process}"
    tasks = "\n".join(
        f"  - {{id: t{n}, type: {kind}, taskRunner: {runner}, script: 'print({n})'}}" for n in range(count)
    )
    return f"id: scripts{count}\nnamespace: bench\ntasks:\n{tasks}\n"


def each(count: int) -> str:
    return f"""
id: each{count}
namespace: bench
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    concurrencyLimit: 0
    values: "{{{{ range(1, {count}) }}}}"
    tasks:
      - {{id: log, type: {_LOG}, message: "value {{{{ taskrun.value }}}}"}}
"""


SLEEPER = """
id: sleeper
namespace: bench
tasks:
  - {id: nap, type: io.kestra.plugin.core.flow.Sleep, duration: PT1H}
"""
