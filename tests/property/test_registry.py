"""Laws of revisions under random orders of puts, deletes, repeats and restarts."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.registry import DeleteFlow, FlowState, PutFlow
from contracts.reply import Reply
from tests.support.rig.registry import RegistryRig

TASKS = "tasks: [{id: t, type: x.Y}]\n"
TRIGGER = "triggers: [{id: s, type: io.kestra.plugin.core.trigger.Webhook, key: k}]\n"
BODIES = (TASKS, TASKS + "# other\n", TASKS + TRIGGER, TASKS + "concurrency: {limit: 1}\n", "broken: [")

commands = st.lists(
    st.tuples(
        st.sampled_from(["create", "update", "upsert", "delete", "again", "restart", "reload"]),
        st.sampled_from(["a", "b"]),
        st.sampled_from(BODIES),
        st.none() | st.integers(0, 3),
    ),
    max_size=30,
)


@given(commands)
@settings(max_examples=100, deadline=None)
def test_revisions_are_gapless_and_every_command_is_answered_once(commands) -> None:
    rig = RegistryRig()
    states: dict[str, FlowState] = {}
    numbers: dict[str, list[int]] = {"a": [], "b": []}
    answers: dict[str, Reply] = {}
    last: PutFlow | DeleteFlow | None = None
    for index, (command, flow_id, body, expected) in enumerate(commands):
        if command in ("restart", "reload"):
            rig.restart(snapshot=command == "reload")
            continue
        shared = {
            "namespace": "n.x",
            "flow_id": flow_id,
            "at": index,
            "request_id": f"r{index}",
            "reply_to": 0,
        }
        if command == "delete":
            last = DeleteFlow(**shared)
        elif command != "again":
            source = f"id: {flow_id}\nnamespace: n.x\n{body}"
            last = PutFlow(**shared, source=source, mode=command, expected_revision=expected)
        if last is None:
            continue
        rig.now = index
        step = rig.when(last)
        (reply,) = [out.message for out in step.outbox if out.topic == "replies"]
        assert isinstance(reply, Reply)
        before = answers.get(last.request_id)
        if before is not None and before.code == "ok":
            assert (reply.code, reply.revision) == (before.code, before.revision)
            assert step.events == []
        answers.setdefault(last.request_id, reply)
        for out in step.outbox:
            if isinstance(out.message, FlowState):
                states[out.key] = out.message
                numbers[out.message.flow_id].append(out.message.revision)
    for flow_id, revisions in numbers.items():
        assert revisions == list(range(1, len(revisions) + 1))
        assert [key for key in states if key.startswith(f"n.x/{flow_id}@")] == [
            f"n.x/{flow_id}@{number}" for number in revisions
        ]
