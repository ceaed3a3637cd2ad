from __future__ import annotations

from typing import Any

import pytest

from contracts.language.flow.document import MAX_SOURCE_BYTES
from contracts.limit import SetLimit
from contracts.machine import Step
from contracts.message import Message
from contracts.registry import DeleteFlow, FlowState, PutFlow
from contracts.reply import Reply
from contracts.trigger import DefineTrigger, RemoveTrigger
from services.executor.registry.machine import RegistryMachine

HEADER = "id: hello\nnamespace: company.team\n"
TASKS = "tasks:\n  - {id: say, type: io.kestra.plugin.core.log.Log, message: hi}\n"
PLAIN = HEADER + TASKS
SCHEDULE = "  - {id: daily, type: io.kestra.plugin.core.trigger.Schedule, cron: '0 9 * * *'}\n"
WEBHOOK = "  - {id: hook, type: io.kestra.plugin.core.trigger.Webhook, key: abc}\n"


class Stage:
    def __init__(self) -> None:
        self.machine = RegistryMachine()
        self.requests = 0
        self.now = 1_000

    def put(self, source: str = PLAIN, mode: Any = "upsert", **other: Any) -> Step:
        self.requests += 1
        self.now += 1
        fields = {"flow_id": "hello", "request_id": f"r{self.requests}"} | other
        message = PutFlow(
            namespace="company.team", source=source, mode=mode, at=self.now, reply_to=5, **fields
        )
        return self.machine.step(message, self.now)

    def delete(self) -> Step:
        self.requests += 1
        self.now += 1
        message = DeleteFlow(
            namespace="company.team",
            flow_id="hello",
            at=self.now,
            request_id=f"r{self.requests}",
            reply_to=5,
        )
        return self.machine.step(message, self.now)


@pytest.fixture
def stage() -> Stage:
    return Stage()


def reply(step: Step) -> tuple[str, int | None]:
    (out,) = [out for out in step.outbox if out.topic == "replies"]
    assert out.partition == 5
    assert isinstance(out.message, Reply)
    assert out.message.accepted == (out.message.code in {"ok", "unchanged"})
    return out.message.code, out.message.revision


def reason(step: Step) -> str:
    (out,) = step.outbox
    assert isinstance(out.message, Reply)
    return out.message.reason


def sent(step: Step, topic: str) -> list[tuple[str, Message]]:
    return [(out.key, out.message) for out in step.outbox if out.topic == topic]


def test_a_new_flow_is_revision_1_and_everybody_hears_of_it(stage: Stage) -> None:
    step = stage.put(PLAIN, "create")

    assert reply(step) == ("ok", 1)
    ((key, state),) = sent(step, "flows.state")
    assert key == "company.team/hello@1"
    assert state == FlowState(
        namespace="company.team",
        flow_id="hello",
        revision=1,
        source=PLAIN,
        at=stage.now,
        created_at=stage.now,
    )


def test_creating_an_existing_flow_is_refused(stage: Stage) -> None:
    stage.put(PLAIN)

    step = stage.put(PLAIN + "# other\n", "create")

    assert reply(step) == ("exists", None)
    assert step.events == []


def test_updating_a_missing_flow_is_refused(stage: Stage) -> None:
    assert reply(stage.put(PLAIN, "update")) == ("missing", None)


def test_a_byte_identical_source_keeps_its_revision(stage: Stage) -> None:
    stage.put(PLAIN)

    step = stage.put(PLAIN, "update")

    assert reply(step) == ("unchanged", 1)
    assert sent(step, "flows.state") == []


def test_any_other_byte_is_a_new_revision_with_the_first_ones_creation_time(stage: Stage) -> None:
    stage.put(PLAIN)
    created = stage.now

    step = stage.put(PLAIN + "# a comment\n", "update")

    assert reply(step) == ("ok", 2)
    ((_, state),) = sent(step, "flows.state")
    assert isinstance(state, FlowState)
    assert state.created_at == created


def test_of_two_replicas_of_web_the_loser_gets_a_conflict(stage: Stage) -> None:
    stage.put(PLAIN)

    assert reply(stage.put(PLAIN + "# one\n", "update", expected_revision=1)) == ("ok", 2)
    assert reply(stage.put(PLAIN + "# two\n", "update", expected_revision=1)) == ("conflict", None)


def test_numbers_go_on_after_a_delete(stage: Stage) -> None:
    stage.put(PLAIN)

    step = stage.delete()
    assert reply(step) == ("ok", 2)
    ((key, state),) = sent(step, "flows.state")
    assert key == "company.team/hello@2"
    assert isinstance(state, FlowState)
    assert state.deleted

    assert reply(stage.delete()) == ("missing", None)
    assert reply(stage.put(PLAIN, "update")) == ("missing", None)
    assert reply(stage.put(PLAIN, "create")) == ("ok", 3)


def test_the_same_request_again_gets_the_same_answer(stage: Stage) -> None:
    stage.put(PLAIN, "create", request_id="same")

    step = stage.put(PLAIN, "create", request_id="same")

    assert reply(step) == ("ok", 1)
    assert step.events == []


def test_triggers_are_defined_and_those_that_are_gone_removed(stage: Stage) -> None:
    step = stage.put(PLAIN + "triggers:\n" + SCHEDULE + WEBHOOK)

    commands = dict(sent(step, "triggers.commands"))
    assert list(commands) == ["company.team/hello/daily", "company.team/hello/hook"]
    define = commands["company.team/hello/daily"]
    assert isinstance(define, DefineTrigger)
    assert define.definition["cron"] == "0 9 * * *"
    assert (define.trigger_type, define.revision) == ("io.kestra.plugin.core.trigger.Schedule", 1)
    assert not define.disabled

    step = stage.put(PLAIN + "triggers:\n" + WEBHOOK)
    kinds = {key: type(message) for key, message in sent(step, "triggers.commands")}
    assert kinds == {"company.team/hello/hook": DefineTrigger, "company.team/hello/daily": RemoveTrigger}

    step = stage.delete()
    assert [type(message) for _, message in sent(step, "triggers.commands")] == [RemoveTrigger]


def test_a_disabled_flow_has_disabled_triggers(stage: Stage) -> None:
    step = stage.put(PLAIN + "disabled: true\ntriggers:\n" + SCHEDULE)

    ((_, define),) = sent(step, "triggers.commands")
    assert isinstance(define, DefineTrigger)
    assert define.disabled


def test_the_limit_is_told_when_it_changes(stage: Stage) -> None:
    assert sent(stage.put(PLAIN), "limits.commands") == []

    step = stage.put(PLAIN + "concurrency: {limit: 2, behavior: FAIL}\n")
    assert sent(step, "limits.commands") == [
        (
            "flow:company.team/hello",
            SetLimit(limit_key="flow:company.team/hello", limit=2, behavior="FAIL", at=stage.now),
        )
    ]
    assert sent(stage.put(PLAIN + "concurrency: {limit: 2, behavior: FAIL}\n# x\n"), "limits.commands") == []

    ((_, removed),) = sent(stage.delete(), "limits.commands")
    assert isinstance(removed, SetLimit)
    assert removed.limit is None


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("id: [", "Illegal flow yaml"),
        ("", "empty"),
        (PLAIN.replace("id: hello", "id: other"), "Illegal flow id update"),
        (PLAIN.replace("company.team", "other.team"), "Illegal namespace update"),
        (PLAIN + "#" * MAX_SOURCE_BYTES, "bytes"),
    ],
)
def test_what_is_no_flow_is_refused_with_the_reason(stage: Stage, source: str, expected: str) -> None:
    step = stage.put(source)

    assert reply(step) == ("invalid", None)
    assert expected in reason(step)


def test_a_bug_is_answered(stage: Stage) -> None:
    message = DeleteFlow(namespace="n", flow_id="f", at=1, request_id="r", reply_to=5)

    step = stage.machine.fail(message, 1, "KeyError: 'x'")

    assert reply(step) == ("invalid", None)
    assert "KeyError" in reason(step)


def test_a_dump_restores_numbers_comparisons_and_answers(stage: Stage) -> None:
    stage.put(PLAIN + "triggers:\n" + SCHEDULE, request_id="first")
    restored = RegistryMachine()
    restored.load(list(stage.machine.dump()))

    assert list(restored.dump()) == list(stage.machine.dump())
    assert all(b"io.kestra" not in item for item in restored.dump()), "sources are not kept in state"
    stage.machine = restored
    assert reply(stage.put("ignored", "create", request_id="first")) == ("ok", 1)
    assert reply(stage.put(PLAIN, "update")) == ("ok", 2)
