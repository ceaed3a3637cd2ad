"""Flows that several test modules of the core use."""

LINEAR = """
id: f
namespace: tests
labels: {team: data}
variables: {greeting: hello}
tasks:
  - {id: a, type: io.kestra.plugin.core.log.Log, message: "{{ vars.greeting }} {{ execution.id }}"}
  - {id: b, type: io.kestra.plugin.core.debug.Return, format: "{{ outputs.a.value }}"}
"""

CLEANING = """
id: f
namespace: tests
tasks:
  - {id: a, type: io.kestra.plugin.core.log.Log, message: a}
  - {id: b, type: io.kestra.plugin.core.log.Log, message: b}
  - {id: c, type: io.kestra.plugin.core.log.Log, message: c}
errors:
  - {id: e, type: io.kestra.plugin.core.log.Log, message: e}
finally:
  - {id: z, type: io.kestra.plugin.core.log.Log, message: z}
afterExecution:
  - {id: after, type: io.kestra.plugin.core.log.Log, message: "{{ execution.state }}"}
"""

RETRYING = """
id: f
namespace: tests
tasks:
  - id: a
    type: io.kestra.plugin.core.log.Log
    message: a
    retry: {type: constant, interval: PT10S, maxAttempts: 3}
errors:
  - {id: e, type: io.kestra.plugin.core.log.Log, message: e}
"""

PARALLEL = """
id: f
namespace: tests
tasks:
  - id: p
    type: io.kestra.plugin.core.flow.Parallel
    concurrent: 2
    onChildFailure: CONTINUE
    tasks:
      - {id: a, type: io.kestra.plugin.core.log.Log, message: a}
      - {id: b, type: io.kestra.plugin.core.log.Log, message: b}
      - {id: c, type: io.kestra.plugin.core.log.Log, message: c}
  - {id: last, type: io.kestra.plugin.core.log.Log, message: last}
"""

LOOP = """
id: f
namespace: tests
inputs:
  - {id: values, type: JSON, defaults: '["x","y","x"]'}
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: "{{ inputs.values }}"
    concurrencyLimit: LIMIT
    tasks:
      - {id: one, type: io.kestra.plugin.core.debug.Return, format: "{{ taskrun.value }}"}
      - {id: two, type: io.kestra.plugin.core.debug.Return, format: "{{ outputs.one[taskrun.value].value }}"}
  - {id: last, type: io.kestra.plugin.core.log.Log, message: "{{ outputs.two.x.value }}"}
"""


def loop(limit: int) -> str:
    return LOOP.replace("LIMIT", str(limit))


WIDE = """
id: f
namespace: tests
inputs:
  - {id: values, type: JSON}
  - {id: text, type: STRING, defaults: x}
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: "{{ inputs.values }}"
    concurrencyLimit: 0
    tasks:
      - {id: leaf, type: io.kestra.plugin.core.log.Log, message: "{{ inputs.text }}"}
"""
