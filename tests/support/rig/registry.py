"""The rig of the registry: one flow, with requests a moment apart."""

from __future__ import annotations

from typing import Any

from contracts.machine import Step
from contracts.registry import DeleteFlow, DeleteRevisions, PutFlow
from contracts.reply import Reply
from services.executor.registry.machine import RegistryMachine
from tests.support.rig import Rig

REPLY_TO = 5
PLAIN = """\
id: hello
namespace: company.team
tasks:
  - {id: say, type: io.kestra.plugin.core.log.Log, message: hi}
"""


class RegistryRig(Rig[RegistryMachine]):
    def __init__(self) -> None:
        super().__init__(RegistryMachine, now=1_000)
        self.requests = 0

    def put(self, source: str = PLAIN, mode: Any = "upsert", **other: Any) -> Step:
        fields = {"flow_id": "hello", "request_id": self.next_request()} | other
        at = self.tick()
        return self.when(
            PutFlow(namespace="company.team", source=source, mode=mode, at=at, reply_to=REPLY_TO, **fields)
        )

    def delete(self) -> Step:
        request_id, at = self.next_request(), self.tick()
        return self.when(
            DeleteFlow(
                namespace="company.team", flow_id="hello", at=at, request_id=request_id, reply_to=REPLY_TO
            )
        )

    def delete_revisions(self, *revisions: int) -> Step:
        request_id, at = self.next_request(), self.tick()
        return self.when(
            DeleteRevisions(
                namespace="company.team",
                flow_id="hello",
                revisions=list(revisions),
                at=at,
                request_id=request_id,
                reply_to=REPLY_TO,
            )
        )

    def next_request(self) -> str:
        self.requests += 1
        return f"r{self.requests}"


def reply(step: Step) -> tuple[str, int | None]:
    """Return code and revision of the one answer."""
    answer = _reply(step)
    assert answer.accepted == (answer.code in {"ok", "unchanged"})
    return answer.code, answer.revision


def reason(step: Step) -> str:
    return _reply(step).reason


def _reply(step: Step) -> Reply:
    (out,) = [out for out in step.outbox if out.topic == "replies"]
    assert out.partition == REPLY_TO
    assert isinstance(out.message, Reply)
    return out.message
