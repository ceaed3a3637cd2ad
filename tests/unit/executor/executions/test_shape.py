"""How what is written grows with a flow: counted in bytes and records of the journal and of what is sent, not in time."""

from __future__ import annotations

from dataclasses import dataclass

from contracts.codec import encode
from contracts.execution import ChildEnded, StartExecution
from tests.support.rig.executions import ExecutionRig

EACH = """
id: f
namespace: tests
inputs: [{id: n, type: INT}]
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: "{{ range(1, inputs.n) }}"
    concurrencyLimit: 50
    tasks: [{id: leaf, type: io.kestra.plugin.core.log.Log, message: "{{ taskrun.value }}"}]
"""
CHAIN = """
id: NAME
namespace: tests
inputs: [{id: n, type: INT}]
tasks:
  - {id: note, type: io.kestra.plugin.core.debug.Return, format: "{{ inputs.n }}"}
  - id: down
    type: io.kestra.plugin.core.flow.Subflow
    namespace: tests
    flowId: OTHER
    runIf: "{{ inputs.n > 0 }}"
    inputs: {n: "{{ inputs.n - 1 }}"}
outputs: [{id: depth, type: INT, value: "{{ (outputs.down.outputs.depth ?? 0) + 1 }}"}]
"""


@dataclass(frozen=True)
class Written:
    records: int
    bytes: int
    largest: int


def written(rig: ExecutionRig) -> Written:
    sent = [len(encode(out.message)) for out in rig.outbox]
    kept = [len(raw) for raw in rig.journal]
    return Written(len(kept) + len(sent), sum(kept) + sum(sent), max(kept + sent))


def looped(values: int) -> Written:
    rig = ExecutionRig(EACH, in_place=True)
    rig.start("f", inputs={"n": values})
    rig.run_to_end()
    assert rig.state() == "SUCCESS"
    assert len(rig.seen().runs) == values + 1
    return written(rig)


def chained(depth: int) -> Written:
    rig = ExecutionRig(
        CHAIN.replace("NAME", "f").replace("OTHER", "g"),
        CHAIN.replace("NAME", "g").replace("OTHER", "f"),
        in_place=True,
    )
    rig.start("f", inputs={"n": depth})
    seen = 0
    while seen < len(rig.outbox):
        message = rig.outbox[seen].message
        seen += 1
        if isinstance(message, StartExecution | ChildEnded):
            rig.when(message)
    assert rig.state() == "SUCCESS"
    assert rig.seen().outputs == {"depth": depth + 1}
    assert len(rig.projection.executions) == depth + 1
    return written(rig)


def test_a_loop_over_ten_times_as_many_values_writes_ten_times_as_much() -> None:
    small, large = looped(1_000), looped(10_000)
    assert large.bytes <= 11 * small.bytes
    assert large.records <= 11 * small.records
    assert large.largest <= 1.1 * small.largest, "not even the first record grows"


def test_a_chain_of_subflows_twice_as_deep_writes_twice_as_much() -> None:
    half, whole = chained(25), chained(50)
    assert whole.bytes <= 2.2 * half.bytes
    assert whole.records <= 2.2 * half.records
    assert whole.largest <= 1.2 * half.largest
