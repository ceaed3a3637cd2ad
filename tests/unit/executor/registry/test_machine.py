"""The entrance of the registry: the effect of a bug."""

from __future__ import annotations

from contracts.registry import DeleteFlow
from tests.support.rig.registry import RegistryRig, reason, reply


def test_a_bug_is_answered(rig: RegistryRig) -> None:
    message = DeleteFlow(namespace="n", flow_id="f", at=1, request_id="r", reply_to=5)

    step = rig.when_it_raised(message, "KeyError: 'x'")

    assert reply(step) == ("invalid", None)
    assert "KeyError" in reason(step)
