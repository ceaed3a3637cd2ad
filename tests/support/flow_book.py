"""Flows by id, each revision compiled once. It replaces the executor's flow table in tests."""

from __future__ import annotations

import textwrap

from contracts.language.flow.parse import parse_flow
from contracts.language.flow.plan import Plan, compile_plan


class FlowBook:
    def __init__(self, *sources: str) -> None:
        self._plans: dict[tuple[str, str], list[Plan]] = {}
        for source in sources:
            self.add(source)

    def add(self, source: str) -> Plan:
        parsed = parse_flow(textwrap.dedent(source), None)
        assert parsed.flow is not None, parsed.errors
        assert not parsed.errors, parsed.errors
        revisions = self._plans.setdefault((parsed.flow.namespace, parsed.flow.id), [])
        plan = compile_plan(parsed.flow.model_copy(update={"revision": len(revisions) + 1}))
        revisions.append(plan)
        return plan

    def plan(self, namespace: str, flow_id: str, revision: int | None = None) -> Plan | None:
        revisions = self._plans.get((namespace, flow_id), [])
        if revision is None:
            return revisions[-1] if revisions else None
        return revisions[revision - 1] if 0 < revision <= len(revisions) else None
