"""Values of namespaces: versions, dates, refusals, answers, and what readers see."""

from __future__ import annotations

from typing import Any

from contracts.machine import TOMBSTONE
from contracts.namespace import DeleteValue, PutValue, ValueState
from contracts.reply import Reply
from tests.support.rig import messages, sent
from tests.support.rig.registry import REPLY_TO, RegistryRig


def putting(rig: RegistryRig, **other: Any) -> PutValue:
    fields = {"namespace": "company.team", "key": "k", "kind": "STRING", "value": '"v"'} | other
    return PutValue(**{"at": rig.tick(), "request_id": rig.next_request(), "reply_to": REPLY_TO, **fields})


def deleting(rig: RegistryRig, key: str = "k") -> DeleteValue:
    return DeleteValue(
        namespace="company.team", key=key, at=rig.tick(), request_id=rig.next_request(), reply_to=REPLY_TO
    )


def answer(step: Any) -> Reply:
    (reply,) = messages(step.outbox, Reply)
    return reply  # type: ignore[no-any-return]


def test_a_first_value_is_version_1_and_readers_get_it(rig: RegistryRig) -> None:
    step = rig.when(putting(rig, description="why", expires_at=9_000))

    assert (answer(step).code, answer(step).revision, answer(step).change) == ("ok", 1, 1)
    assert sent(step, "namespaces.state") == [
        (
            "value/company.team/k@1",
            ValueState(
                namespace="company.team",
                key="k",
                change=1,
                kind="STRING",
                value='"v"',
                description="why",
                version=1,
                created_at=rig.now,
                updated_at=rig.now,
                expires_at=9_000,
            ),
        )
    ]


def test_a_new_value_replaces_the_record_of_the_last_one(rig: RegistryRig) -> None:
    first = rig.now + 1
    rig.when(putting(rig))

    step = rig.when(putting(rig, value='"w"'))

    (_, state), tombstone = sent(step, "namespaces.state")
    assert isinstance(state, ValueState)
    assert (state.version, state.change, state.created_at, state.updated_at) == (2, 2, first, rig.now)
    assert tombstone == ("value/company.team/k@1", TOMBSTONE)


def test_without_overwrite_a_key_with_a_value_is_refused(rig: RegistryRig) -> None:
    rig.when(putting(rig))

    step = rig.when(putting(rig, overwrite=False))

    assert answer(step).code == "exists"
    assert "`k` already exists" in answer(step).reason
    assert step.events == []


def test_an_expired_value_counts_as_absent_but_its_number_does_not(rig: RegistryRig) -> None:
    rig.when(putting(rig, expires_at=rig.now + 10))
    rig.now += 10

    step = rig.when(putting(rig, overwrite=False))

    assert (answer(step).code, answer(step).revision) == ("ok", 2)
    (state,) = messages(step.outbox, ValueState)
    assert state.created_at == rig.now


def test_a_deletion_leaves_nothing_in_the_topic(rig: RegistryRig) -> None:
    rig.when(putting(rig))

    step = rig.when(deleting(rig))

    (key, state), *tombstones = sent(step, "namespaces.state")
    assert isinstance(state, ValueState)
    assert (key, state.deleted) == ("value/company.team/k@2", True)
    assert tombstones == [("value/company.team/k@1", TOMBSTONE), ("value/company.team/k@2", TOMBSTONE)]
    assert answer(rig.when(deleting(rig))).code == "missing"


def test_a_repeated_command_gets_its_answer_again_and_changes_nothing(rig: RegistryRig) -> None:
    command = putting(rig)
    first = answer(rig.when(command))
    rig.when(putting(rig))
    rig.restart(snapshot=True)

    step = rig.when(command)

    again = answer(step)
    assert (again.code, again.revision, again.change) == (first.code, first.revision, first.change)
    assert (step.events, messages(step.outbox, ValueState)) == ([], [])


def test_changes_go_on_counting_after_deletions_and_restarts(rig: RegistryRig) -> None:
    rig.when(putting(rig))
    rig.when(deleting(rig))
    rig.restart(snapshot=True)

    assert answer(rig.when(putting(rig))).change == 3
    rig.assert_rebuilds()


def test_a_decision_that_raises_is_answered(rig: RegistryRig) -> None:
    assert answer(rig.when_it_raised(putting(rig))).code == "invalid"
