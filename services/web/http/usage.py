"""Routes of usage: how many flows, tasks, triggers and executions there are."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from fastapi import APIRouter, Request, Response

from contracts.scalars import to_datetime
from services.web.core.view.usage import daily_counts
from services.web.http.answer import answer
from services.web.http.parts import parts_of
from toccata.runtime.clock import now_ms

router = APIRouter(prefix="/api/v1/main/usages", tags=["Instance"])
DAYS = 7


@router.get("/all")
@router.get("")
async def usage(request: Request) -> Response:
    parts = parts_of(request)
    tasks: Counter[str] = Counter()
    triggers: Counter[str] = Counter()
    namespaces, count = set(), 0
    for state in parts.table.latest():
        count += 1
        namespaces.add(state.namespace)
        plan = parts.table.plan(state.namespace, state.flow_id)
        if plan is not None:
            tasks.update(node.task.type for node in plan.nodes.values())
            triggers.update(trigger.type for trigger in plan.flow.triggers)
    days = await parts.rows.daily_executions(to_datetime(now_ms()) - timedelta(days=DAYS))
    flows = {
        "count": count,
        "namespacesCount": len(namespaces),
        "taskTypeCount": dict(sorted(tasks.items())),
        "triggerTypeCount": dict(sorted(triggers.items())),
    }
    return answer({"flows": flows, "executions": {"dailyExecutionsCount": daily_counts(days)}})
