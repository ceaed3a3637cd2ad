"""Revisions are numbered, compared and answered. Triggers and limits hear of them."""

from __future__ import annotations

from contracts.limit import SetLimit
from contracts.registry import FlowState
from contracts.trigger import DefineTrigger, RemoveTrigger
from tests.support.rig import sent
from tests.support.rig.registry import PLAIN, RegistryRig, reason, reply

SCHEDULE = "  - {id: daily, type: io.kestra.plugin.core.trigger.Schedule, cron: '0 9 * * *'}\n"
WEBHOOK = "  - {id: hook, type: io.kestra.plugin.core.trigger.Webhook, key: abc}\n"


def test_a_new_flow_is_revision_1_and_everybody_hears_of_it(rig: RegistryRig) -> None:
    step = rig.put(PLAIN, "create")

    assert reply(step) == ("ok", 1)
    ((key, state),) = sent(step, "flows.state")
    assert key == "company.team/hello@1"
    assert state == FlowState(
        namespace="company.team",
        flow_id="hello",
        revision=1,
        source=PLAIN,
        at=rig.now,
        created_at=rig.now,
    )


def test_creating_an_existing_flow_is_refused(rig: RegistryRig) -> None:
    rig.put(PLAIN)

    step = rig.put(PLAIN + "# other\n", "create")

    assert reply(step) == ("exists", None)
    assert step.events == []


def test_updating_a_missing_flow_is_refused(rig: RegistryRig) -> None:
    assert reply(rig.put(PLAIN, "update")) == ("missing", None)


def test_a_byte_identical_source_keeps_its_revision(rig: RegistryRig) -> None:
    rig.put(PLAIN)

    step = rig.put(PLAIN, "update")

    assert reply(step) == ("unchanged", 1)
    assert sent(step, "flows.state") == []


def test_any_other_byte_is_a_new_revision_with_the_first_ones_creation_time(rig: RegistryRig) -> None:
    rig.put(PLAIN)
    created = rig.now

    step = rig.put(PLAIN + "# a comment\n", "update")

    assert reply(step) == ("ok", 2)
    ((_, state),) = sent(step, "flows.state")
    assert isinstance(state, FlowState)
    assert state.created_at == created


def test_of_two_replicas_of_web_the_loser_gets_a_conflict(rig: RegistryRig) -> None:
    rig.put(PLAIN)

    assert reply(rig.put(PLAIN + "# one\n", "update", expected_revision=1)) == ("ok", 2)
    assert reply(rig.put(PLAIN + "# two\n", "update", expected_revision=1)) == ("conflict", None)


def test_numbers_go_on_after_a_delete(rig: RegistryRig) -> None:
    rig.put(PLAIN)

    step = rig.delete()
    assert reply(step) == ("ok", 2)
    ((key, state),) = sent(step, "flows.state")
    assert key == "company.team/hello@2"
    assert isinstance(state, FlowState)
    assert state.deleted

    assert reply(rig.delete()) == ("missing", None)
    assert reply(rig.put(PLAIN, "update")) == ("missing", None)
    assert reply(rig.put(PLAIN, "create")) == ("ok", 3)


def test_the_same_request_again_gets_the_same_answer(rig: RegistryRig) -> None:
    rig.put(PLAIN, "create", request_id="same")

    step = rig.put(PLAIN, "create", request_id="same")

    assert reply(step) == ("ok", 1)
    assert step.events == []


def test_triggers_are_defined_and_those_that_are_gone_removed(rig: RegistryRig) -> None:
    step = rig.put(PLAIN + "triggers:\n" + SCHEDULE + WEBHOOK)

    commands = dict(sent(step, "triggers.commands"))
    assert list(commands) == ["company.team/hello/daily", "company.team/hello/hook"]
    define = commands["company.team/hello/daily"]
    assert isinstance(define, DefineTrigger)
    assert define.definition["cron"] == "0 9 * * *"
    assert (define.trigger_type, define.revision) == ("io.kestra.plugin.core.trigger.Schedule", 1)
    assert not define.disabled

    step = rig.put(PLAIN + "triggers:\n" + WEBHOOK)
    kinds = {key: type(message) for key, message in sent(step, "triggers.commands")}
    assert kinds == {"company.team/hello/hook": DefineTrigger, "company.team/hello/daily": RemoveTrigger}

    step = rig.delete()
    assert [type(message) for _, message in sent(step, "triggers.commands")] == [RemoveTrigger]


def test_the_limit_is_sent_when_it_changes(rig: RegistryRig) -> None:
    assert sent(rig.put(PLAIN), "limits.commands") == []

    step = rig.put(PLAIN + "concurrency: {limit: 2, behavior: FAIL}\n")
    assert sent(step, "limits.commands") == [
        (
            "flow:company.team/hello",
            SetLimit(limit_key="flow:company.team/hello", limit=2, behavior="FAIL", at=rig.now),
        )
    ]
    assert sent(rig.put(PLAIN + "concurrency: {limit: 2, behavior: FAIL}\n# x\n"), "limits.commands") == []

    ((_, removed),) = sent(rig.delete(), "limits.commands")
    assert isinstance(removed, SetLimit)
    assert removed.limit is None


def test_earlier_revisions_are_forgotten_and_the_latest_stays(rig: RegistryRig) -> None:
    for comment in ("a", "b", "c"):
        rig.put(f"{PLAIN}# {comment}\n")

    step = rig.delete_revisions(1, 2)

    assert reply(step) == ("ok", 3)
    told = [(key, state) for key, state in sent(step, "flows.state") if isinstance(state, FlowState)]
    assert [(key, state.removed, state.source) for key, state in told] == [
        ("company.team/hello@1", True, ""),
        ("company.team/hello@2", True, ""),
    ]
    assert reply(rig.put(PLAIN)) == ("ok", 4)


def test_the_latest_revision_and_one_that_never_was_are_not_forgotten(rig: RegistryRig) -> None:
    rig.put(PLAIN)
    rig.put(f"{PLAIN}# a\n")

    for number in (2, 3, 0):
        step = rig.delete_revisions(1, number)
        assert reply(step) == ("invalid", None)
        assert f"revision {number} cannot be deleted" in reason(step)
        assert sent(step, "flows.state") == []


def test_a_flow_that_is_not_there_has_no_revisions_to_forget(rig: RegistryRig) -> None:
    assert reply(rig.delete_revisions(1)) == ("missing", None)
    rig.put(PLAIN)
    rig.delete()
    assert reply(rig.delete_revisions(1)) == ("missing", None)
