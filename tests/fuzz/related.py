"""Records that belong together: recorded ones whose names and numbers are drawn from few, now and then with an odd value."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

from tests.fuzz.record import ODD, RECORDED
from tests.fuzz.text import places
from tests.simulation.flows import SOURCES

AT = 1_800_000_000_000
"""About when everything happens."""
RUN = "@run"
"""``@run3`` stands for the fourth task run that there is."""
_TRIGGER = {"namespace": "sim", "flow_id": "line", "trigger_id": "t0", "at": AT}
_UNRECORDED: dict[str, dict[str, Any]] = {
    "executions.admitted execution.start.v1": json.loads(RECORDED["executions.starts execution.start.v1"]),
    "triggers.commands trigger.unlock.v1": {**_TRIGGER, "execution_id": "e0", "state": "SUCCESS"},
    "triggers.commands trigger.create_backfill.v1": {**_TRIGGER, "start": AT - 90_000_000, "end": AT + 90_000_000},
    "triggers.commands trigger.change_backfill.v1": {**_TRIGGER, "change": "delete"},
    "triggers.commands trigger.reset.v1": _TRIGGER,
    "triggers.events trigger.backfill_begun.v1": {
        **_TRIGGER, "backfill_id": "b", "start_at": AT, "end_at": AT, "slot_at": AT, "inputs": {"a": 1}, "labels": {"a": "b"},
    },
    "triggers.events trigger.backfill_fired.v1": {**_TRIGGER, "slot_at": AT, "execution_id": "e0", "next_slot_at": AT, "next_at": AT},
    "triggers.events trigger.backfill_ended.v1": {**_TRIGGER, "finished": True},
    "triggers.events trigger.fired.v1": {**_TRIGGER, "slot_at": AT, "execution_id": "e0", "locks": True, "next_at": AT},
    "triggers.events trigger.skipped.v1": {**_TRIGGER, "next_at": AT},
    "triggers.events trigger.unlocked.v1": _TRIGGER,
    "workers.events worker.doubted.v1": {"group": "default", "worker_id": "w0", "at": AT, "heard_at": AT},
}  # fmt: skip
SAMPLES: dict[str, dict[str, Any]] = {
    **{name: json.loads(text) for name, text in RECORDED.items()},
    **{name: {"type": name.split(" ")[1], **fields} for name, fields in _UNRECORDED.items()},
}
_DEFINITIONS = [
    {"cron": "* * * * *"},
    {"cron": "*/5 * * * * *", "withSeconds": True, "allowConcurrent": True},
    {"cron": "0 9 * * *", "recoverMissedSchedules": "LAST", "lateMaximumDelay": "PT1H"},
    {"cron": "@daily", "timezone": "Europe/Paris", "stopAfter": ["SUCCESS"]},
    {"cron": "61 * * * *", "timezone": "Nowhere"},
]
NAMES: dict[str, list[Any]] = {
    "execution_id": ["e0", "e1", "e2"],
    "id": ["e0", "e1"],
    "task_run_id": [f"{RUN}{number}" for number in range(4)],
    "namespace": ["sim", "sim", "sim", "other"],
    "flow_id": [*SOURCES, "gone"],
    "revision": [1, 1, 1, 2],
    "group": ["default", "default", "other"],
    "worker_id": ["w0", "w1"],
    "limit_key": ["flow:sim/queue", "flow:sim/fail", "k"],
    "limit": [1, 2],
    "trigger_id": ["t0", "t1"],
    "definition": _DEFINITIONS,
    "attempt": [1, 1, 2, 3],
    "number": [1, 2, 3],
    "seq": list(range(1, 8)),
    "outcome": ["succeeded", "succeeded", "failed", "warned", "lost", "cancelled", "timed_out"],
    "inbox": [0, 1],
    "slots": [0, 1, 4],
    "received_through": [0, 1, 2, 5],
    "running": [[], [[f"{RUN}0", 1]], [[f"{RUN}0", 1], [f"{RUN}1", 2]]],
    "ended": [[], [[f"{RUN}0", 1]]],
    "returned": [[], [[f"{RUN}1", 1]]],
    "gone": [True, False],
    "at": [AT, AT + 1_000, AT + 40_000],
    "flows_position": [0, 1],
    "kind": ["NORMAL", "NORMAL", "TEST"],
    "state": ["SUCCESS", "FAILED", "RUNNING", "KILLED"],
}


def _rename(draw: st.DrawFn, value: Any) -> None:
    if isinstance(value, list):
        for part in value:
            _rename(draw, part)
    if not isinstance(value, dict):
        return
    for key, part in value.items():
        if key in NAMES and (not isinstance(part, dict) or key == "definition"):
            value[key] = deepcopy(draw(st.sampled_from(NAMES[key])))
        else:
            _rename(draw, part)


@st.composite
def related(draw: st.DrawFn, names: list[str]) -> tuple[str, str]:
    """One of the named samples as a topic and a text."""
    name = draw(st.sampled_from(names))
    fields = deepcopy(SAMPLES[name])
    _rename(draw, fields)
    for _ in range(draw(st.sampled_from([0] * 12 + [1, 2]))):
        container, key = draw(st.sampled_from(places(fields)))
        container[key] = deepcopy(draw(st.sampled_from(ODD)))
    return name.split(" ")[0], json.dumps(fields)
