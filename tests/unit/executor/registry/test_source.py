"""What the registry reads from a source, and what it refuses."""

from __future__ import annotations

import pytest

from contracts.language.yaml_text.document import MAX_SOURCE_BYTES
from contracts.trigger import DefineTrigger
from tests.support.rig import sent
from tests.support.rig.registry import PLAIN, RegistryRig, reason, reply

SCHEDULE = "  - {id: daily, type: io.kestra.plugin.core.trigger.Schedule, cron: '0 9 * * *'}\n"


def test_a_disabled_flow_has_disabled_triggers(rig: RegistryRig) -> None:
    step = rig.put(PLAIN + "disabled: true\ntriggers:\n" + SCHEDULE)

    ((_, define),) = sent(step, "triggers.commands")
    assert isinstance(define, DefineTrigger)
    assert define.disabled


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
def test_what_is_no_flow_is_refused_with_the_reason(rig: RegistryRig, source: str, expected: str) -> None:
    step = rig.put(source)

    assert reply(step) == ("invalid", None)
    assert expected in reason(step)
