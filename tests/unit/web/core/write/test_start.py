import pytest

from services.web.core.problem import Problem
from services.web.core.write.start import (
    StartOptions,
    Target,
    execution_id,
    parse_labels,
    start_by_hand,
    start_options,
)

TARGET = Target("company", "hello", "id1", 5, 7, 2)


def test_the_origin_and_the_correlation_are_labels():
    command = start_by_hand(TARGET, {"a": "1"}, StartOptions(labels={"team": "x"}))
    assert command.labels == {"team": "x", "system.from": "api", "system.correlationId": "id1"}
    assert (command.flows_position, command.revision, command.inputs) == (7, 2, {"a": "1"})


def test_a_correlation_id_that_was_given_stays():
    command = start_by_hand(TARGET, {}, start_options([("labels", "system.correlationId:abc")]))
    assert command.labels["system.correlationId"] == "abc"


def test_options_are_read():
    options = start_options(
        [
            ("labels", "a:b:c"),
            ("wait", "TRUE"),
            ("revision", "3"),
            ("scheduleDate", "1970-01-01T00:00:01Z"),
            ("kind", "test"),
            ("breakpoints", " a, b.x ,,"),
        ]
    )
    assert options == StartOptions({"a": "b:c"}, True, 3, 1000, "TEST", ("a", "b.x"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("wait", "maybe"),
        ("revision", "-1"),
        ("scheduleDate", "soon"),
        ("kind", "LOOP"),
        ("breakpoints", "a\nb"),
    ],
)
def test_malformed_options_are_a_bad_request(name, value):
    with pytest.raises(Problem) as problem:
        start_options([(name, value)])
    assert problem.value.status == 400


@pytest.mark.parametrize("label", ["nocolon", ":x", "system.x:y"])
def test_malformed_and_system_labels_are_refused(label):
    with pytest.raises(Problem) as problem:
        parse_labels([label])
    assert problem.value.status == 422


def test_an_idempotency_key_gives_the_same_id_again_and_another_one_for_another_flow():
    first, again = (execution_id(n, "order-1", "company", "hello") for n in (1, 2))
    assert first == again != execution_id(1, "order-1", "company", "other")


def test_without_a_key_the_random_number_is_the_id():
    assert execution_id(1, None, "a", "b") != execution_id(2, None, "a", "b")
    assert len(execution_id(1, None, "a", "b")) == 22


def test_a_key_over_the_limit_is_refused():
    with pytest.raises(Problem):
        execution_id(1, "x" * 257, "a", "b")
