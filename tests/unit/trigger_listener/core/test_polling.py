"""How the machine reads a definition that is polled."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from services.trigger_listener.core.polling import InvalidPolling, Polling, parse_polling, read_polling


def read(**definition: Any) -> Polling:
    return parse_polling(msgspec.json.encode(definition))


def test_the_worker_gets_the_properties_of_the_type_and_the_level_of_the_log() -> None:
    polling = read(
        id="a", type="x.Y", uri="u", interval="PT5S", when="true", logLevel="WARN", labels={"a": "b"}
    )
    assert msgspec.json.decode(polling.task) == {
        "properties": {"uri": "u", "interval": "PT5S"},
        "logLevel": "WARN",
    }
    assert polling.interval_ms == 5_000
    assert polling.after.labels == {"a": "b"}


@pytest.mark.parametrize(
    ("when", "before"),
    [
        ("vars.a == 1", True),
        ("{{ now() }}", True),
        ("trigger.n > 1", False),
        ("{{ trigger['n'] }}", False),
        ("{{ printContext() }}", False),
        ("{{ broken", True),
        (True, True),
    ],
)
def test_a_condition_decides_first_unless_it_may_read_what_was_found(when: Any, before: bool) -> None:
    polling = read(when=when)
    assert (polling.before.when is not None, polling.after.when is not None) == (before, not before)


def test_each_old_condition_is_decided_where_it_can_be() -> None:
    kind = "io.kestra.plugin.core.condition.Expression"
    early = {"type": kind, "expression": "{{ vars.a }}"}
    late = {"type": kind, "expression": "{{ trigger.n }}"}
    polling = read(conditions=[late, early])
    assert (polling.before.conditions, polling.after.conditions) == ((early,), (late,))


def test_what_cannot_be_polled_is_none_or_the_reason() -> None:
    assert read_polling(b'{"interval": "x"}') is None
    with pytest.raises(InvalidPolling, match="interval"):
        read(interval="x")
