"""Flows of the simulated world, and a random choice among them."""

from __future__ import annotations

from contracts.language.flow.parse import parse_flow
from contracts.language.flow.plan import Plan, compile_plan

_LOG = "io.kestra.plugin.core.log.Log"
_FLOW = "io.kestra.plugin.core.flow"


def _task(name: str, extra: str = "") -> str:
    """Return a task. Those named b and z need a worker in every world, the others only where nothing is decided in place."""
    if name in ("b", "z"):
        return f"{{id: {name}, type: {_FLOW}.Sleep, duration: PT1S{extra}}}"
    return f"{{id: {name}, type: {_LOG}, message: hello {name}{extra}}}"


def _sleep(name: str) -> str:
    return f"{{id: {name}, type: {_FLOW}.Sleep, duration: PT1S}}"


_ASKED = ", runIf: \"{{ secret('KEY') == 'x' }}\""


def _grouped(key: str, fallback: str = "WAIT") -> str:
    return f", workerGroup: {{key: {key}, fallback: {fallback}}}"


SOURCES = {
    "line": f"tasks: [{_task('a')}, {_task('b')}, {_task('c')}]",
    "retry": f"tasks: [{_task('a', ', retry: {type: constant, interval: PT3S, maxAttempts: 3}')}, {_task('b')}]",
    "errors": f"tasks: [{_task('a')}, {_task('b', ', allowFailure: true')}]\nerrors: [{_task('e')}]",
    "parallel": f"tasks:\n- {{id: p, type: {_FLOW}.Parallel, concurrent: 2, tasks: [{_task('a')}, {_task('b')}, {_task('c')}]}}",
    "branch": (
        f"tasks:\n- {{id: i, type: {_FLOW}.If, condition: '{{{{ execution.id is defined }}}}', "
        f"then: [{_task('t')}], else: [{_task('f')}]}}\n- {_task('z')}"
    ),
    "each": (
        f"tasks:\n- {{id: each, type: {_FLOW}.ForEach, values: [x, y, z], concurrencyLimit: 2, "
        f"tasks: [{_task('a')}, {_task('b')}]}}"
    ),
    "range": (
        f"tasks:\n- {{id: each, type: {_FLOW}.ForEach, values: '{{{{ range(9, 1, 2) }}}}', concurrencyLimit: 2, "
        f"tasks: [{_task('a')}, {_task('b')}]}}"
    ),
    "range_parallel": (
        f"tasks:\n- {{id: each, type: {_FLOW}.EachParallel, value: '{{{{ 1..3 }}}}', tasks: [{_task('a')}, {_task('b')}]}}"
    ),
    "range_loop": (
        f"tasks:\n- {{id: loop, type: {_FLOW}.Loop, values: '{{{{ range(-1, 2) }}}}', concurrencyLimit: 2, "
        f"tasks: [{_task('a')}, {_task('b')}]}}"
    ),
    "fails": (
        f"tasks: [{{id: a, type: io.kestra.plugin.core.execution.Fail, "
        f"retry: {{type: constant, interval: PT3S, maxAttempts: 2}}, allowFailure: true}}, {_task('b')}]"
    ),
    "pausing": (
        f"tasks:\n- {{id: p, type: {_FLOW}.Parallel, tasks: [{{id: w, type: {_FLOW}.Pause}}, "
        f"{{id: w2, type: {_FLOW}.Pause, pauseDuration: PT2S, behavior: WARN}}, {_task('b')}]}}\n- {_task('c')}"
    ),
    "until": (
        f"tasks:\n- {{id: u, type: {_FLOW}.LoopUntil, condition: '{{{{ outputs.u.iterationCount >= 3 }}}}', "
        f"checkFrequency: {{interval: PT1S}}, tasks: [{_task('a')}, {_task('b')}]}}"
    ),
    "waitfor": (
        f"tasks:\n- {{id: u, type: {_FLOW}.WaitFor, condition: 'false', "
        f"checkFrequency: {{interval: PT1S, maxIterations: 3}}, tasks: [{_task('a')}]}}\nfinally: [{_task('f')}]"
    ),
    "dag": (
        f"tasks:\n- {{id: d, type: {_FLOW}.Dag, tasks: [{{task: {_task('a')}, dependsOn: [b]}}, {{task: {_task('b')}}}, "
        f"{{task: {_task('c')}, dependsOn: [a, b]}}]}}"
    ),
    "each_parallel": (
        f"tasks:\n- {{id: each, type: {_FLOW}.EachParallel, value: [x, y], concurrent: 3, "
        f"tasks: [{_task('a')}, {_task('b')}]}}"
    ),
    "allow": (
        f"tasks:\n- {{id: may, type: {_FLOW}.AllowFailure, tasks: [{{id: a, type: io.kestra.plugin.core.execution.Fail}}]}}\n"
        f"- {{id: s, type: {_FLOW}.Switch, value: q, cases: {{q: [{_task('b')}]}}}}"
    ),
    "subflow": (
        f"tasks:\n- {{id: sub, type: {_FLOW}.Subflow, namespace: sim, flowId: branch}}\n"
        f"- {{id: none, type: {_FLOW}.Subflow, namespace: sim, flowId: line, wait: false}}\n- {_task('c')}"
    ),
    "loop": (
        f"tasks:\n- {{id: loop, type: {_FLOW}.Loop, values: [1, 2, 3], concurrencyLimit: 2, tasks: [{_task('a')}, {_task('b')}]}}\n"
        f"- {_task('c')}"
    ),
    "leaves": (
        f"tasks:\n- {{id: p, type: {_FLOW}.Parallel, tasks: [{_task('b')}, "
        f"{{id: x, type: io.kestra.plugin.core.execution.Exit, state: WARNING}}]}}\nafterExecution: [{_task('after')}]"
    ),
    "asks": (
        f"tasks: [{_task('a', _ASKED)}, {_task('b', _ASKED)}, {_task('c')}]\nerrors: [{_task('e', _ASKED)}]\n"
        f"afterExecution: [{_task('after', _ASKED)}]"
    ),
    "asks_beside": (
        f"tasks:\n- {{id: p, type: {_FLOW}.Parallel, tasks: [{_task('a', _ASKED)}, {_task('b', _ASKED)}, {_task('c')}]}}\n"
        f"- {{id: i, type: {_FLOW}.If, condition: \"{{{{ secret('X') }}}}\", then: [{_task('t')}], else: [{_task('z')}]}}"
    ),
    "asks_each": (
        f"tasks:\n- {{id: each, type: {_FLOW}.ForEach, values: \"{{{{ secret('LIST') }}}}\", concurrencyLimit: 2, "
        f"tasks: [{_task('a', _ASKED)}, {_task('b')}]}}"
    ),
    "asks_around": (
        f"concurrency: {{limit: 2, behavior: QUEUE}}\n"
        f"inputs: [{{id: i, type: STRING, defaults: \"{{{{ secret('I') }}}}\"}}]\ntasks: [{_task('a')}, {_task('b')}]\n"
        f"outputs: [{{id: o, type: STRING, value: \"{{{{ secret('O') }}}}\"}}, {{id: r, type: STRING, value: \"{{{{ secret('R') }}}}\"}}]"
    ),
    "grouped": f"tasks: [{_task('b', _grouped('gpu'))}, {_task('z', _grouped('gpu', 'FAIL'))}, {_task('a', _ASKED + _grouped('gpu'))}]",
    "unserved": f"tasks: [{_task('b', _grouped('nobody', 'FAIL') + ', allowFailure: true')}, {_task('z', _grouped('nobody', 'CANCEL'))}]",
    "shared": (
        f"tasks:\n- {{id: w, type: {_FLOW}.WorkingDirectory, outputFiles: [x], "
        f"tasks: [{_task('a')}, {_task('b', ', retry: {type: constant, interval: PT3S, maxAttempts: 2}')}, {_task('z', ', allowFailure: true')}], "
        f"errors: [{_task('b2', _ASKED)}]}}\n- {_task('c')}"
    ),
    "shared_beside": (
        f"tasks:\n- {{id: p, type: {_FLOW}.Parallel, tasks: [{{id: w, type: {_FLOW}.WorkingDirectory, tasks: [{_task('b')}, {_task('z')}]}}, "
        f"{{id: w2, type: {_FLOW}.WorkingDirectory, workerGroup: {{key: gpu}}, cache: {{patterns: [x]}}, tasks: [{_sleep('b2')}, {_sleep('z2')}]}}]}}"
    ),
    "beside": (
        f"tasks:\n- {{id: p, type: {_FLOW}.Parallel, onChildFailure: CANCEL, tasks: [{_task('b')}, "
        f"{{id: w, type: {_FLOW}.Pause}}, {{id: sub, type: {_FLOW}.Subflow, namespace: sim, flowId: pausing}}, "
        f"{{id: x, type: io.kestra.plugin.core.execution.Fail, retry: {{type: constant, interval: PT3S, maxAttempts: 2}}}}]}}\n"
        f"errors: [{_task('e')}]"
    ),
    "beside_dag": (
        f"tasks:\n- {{id: d, type: {_FLOW}.Dag, tasks: [{{task: {_task('b')}}}, {{task: {_task('z')}, dependsOn: [b]}}, "
        f"{{task: {{id: x, type: io.kestra.plugin.core.execution.Fail}}}}]}}"
    ),
    "late": (
        f"tasks:\n- {{id: s, type: {_FLOW}.Sequential, timeout: PT1S, allowFailure: true, tasks: [{_task('b')}, {_task('z')}], "
        f"errors: [{_task('e')}]}}\n- {{id: sub, type: {_FLOW}.Subflow, timeout: PT2S, namespace: sim, flowId: line}}"
    ),
    "limit": (
        f"tasks:\n- {{id: u, type: {_FLOW}.LoopUntil, condition: 'false', checkFrequency: {{interval: PT0.5S, maxDuration: PT2S}}, "
        f"tasks: [{_task('a')}, {_task('b')}]}}\n- {_task('c')}"
    ),
    "level": (
        f"sla: [{{id: m, type: MAX_DURATION, duration: PT2S, behavior: FAIL, labels: {{late: '1'}}}}]\n"
        f"tasks: [{_task('b')}, {{id: sub, type: {_FLOW}.Subflow, namespace: sim, flowId: line}}, {{id: w, type: {_FLOW}.Pause}}]\n"
        f"afterExecution: [{_task('after')}]"
    ),
    "asserts": (
        f"sla: [{{id: t, type: EXECUTION_ASSERTION, assert: \"{{{{ tasks.b.state != 'SUCCESS' }}}}\", behavior: CANCEL}}]\n"
        f"tasks: [{_task('a')}, {_task('b')}, {_task('c')}]"
    ),
    "heard": (
        f"tasks: [{_task('b')}, {_task('z')}]\nlisteners:\n"
        f"- {{conditions: [{{type: io.kestra.plugin.core.condition.ExecutionStatus, notIn: [SUCCESS]}}], tasks: [{_task('after_l')}]}}\n"
        f"- {{tasks: [{_task('after_b')}, {_task('after_z', _ASKED)}]}}\n"
        f"afterExecution: [{{id: after_w, type: {_FLOW}.Pause, pauseDuration: PT2S}}, {_task('after')}]"
    ),
    "breaks": (
        f'tasks:\n- {{id: loop, type: {_FLOW}.Loop, values: "{{{{ secret(\'LIST\') }}}}", concurrencyLimit: "{{{{ 1 + 1 }}}}", '
        f"breakWhen: \"{{{{ secret('STOP') }}}}\", tasks: [{_task('b')}]}}\n"
        f'- {{id: p, type: {_FLOW}.Parallel, failFast: true, concurrent: "{{{{ 2 }}}}", tasks: [{_task("z")}, {_task("b2")}, {_task("c")}]}}'
    ),
    "paused_child": (
        f"tasks:\n- {{id: sub, type: {_FLOW}.Subflow, namespace: sim, flowId: pausing}}\n"
        f"- {{id: loop, type: {_FLOW}.Loop, values: [1, 2], tasks: [{{id: w, type: {_FLOW}.Pause}}, {_task('b')}]}}"
    ),
    "subflow_retry": (
        f"tasks:\n- {{id: sub, type: {_FLOW}.Subflow, namespace: sim, flowId: failing, "
        f"retry: {{type: constant, interval: PT2S, maxAttempts: 2}}, allowFailure: true}}\n- {_task('c')}"
    ),
    "failing": f"tasks: [{_task('b')}, {{id: x, type: io.kestra.plugin.core.execution.Fail}}]",
    "batches": (
        f"tasks:\n- {{id: items, type: '{_FLOW}.ForEachItem$ForEachItemExecutable', namespace: sim, flowId: line, "
        f"numberOfBatches: '3', batchUri: 'kestra:///{{index}}'}}\n- {_task('c')}"
    ),
    "queue": f"concurrency: {{limit: 2, behavior: QUEUE}}\ntasks: [{_task('a')}, {_task('b')}]",
    "fail": f"concurrency: {{limit: 1, behavior: FAIL}}\ntasks: [{_task('a')}]",
    "cancel": f"concurrency: {{limit: 1, behavior: CANCEL}}\ntasks: [{_task('a')}]",
    "finally": f"tasks: [{_task('a')}]\nfinally: [{_task('f')}]\nafterExecution: [{_task('after')}]",
}

RANGES = {
    "range": ["9", "7", "5", "3", "1"],
    "range_parallel": ["1", "2", "3"],
    "range_loop": ["-1", "0", "1", "2"],
}
"""By flow: the values of its loop."""
LIMITS = {"queue": 2, "asks_around": 2, "fail": 1, "cancel": 1}


class FixedFlows:
    """The flow table of the simulation, with one revision of each flow."""

    def __init__(self) -> None:
        self._plans = {name: _compile(name, source) for name, source in SOURCES.items()}

    def plan(self, namespace: str, flow_id: str, revision: int | None = None) -> Plan | None:
        return self._plans.get(flow_id) if namespace == "sim" and revision in {None, 1} else None


def _compile(name: str, source: str) -> Plan:
    parsed = parse_flow(f"id: {name}\nnamespace: sim\n{source}\n", None)
    assert parsed.flow is not None, parsed.errors
    assert not parsed.errors, parsed.errors
    return compile_plan(parsed.flow.model_copy(update={"revision": 1}))
