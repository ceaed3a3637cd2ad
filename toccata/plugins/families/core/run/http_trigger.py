"""The poll of ``core.http.Trigger``."""

from __future__ import annotations

from collections.abc import Sequence

from toccata.plugin import RunContext, TriggerEvent, is_truthy
from toccata.plugins.families.core import http as declared
from toccata.plugins.families.core.run.http import sent


async def poll(trigger: declared.Trigger, run: RunContext) -> Sequence[TriggerEvent]:
    # The condition decides what any status means, so none is a failure.
    options = trigger.sending().model_copy(update={"allow_failed": True})
    async with run.http(options) as http, http.send(await sent(trigger, run)) as answer:
        body = await answer.text()
        run.log("DEBUG", f"{answer.uri} answered with status {answer.status}")
        response = {"statusCode": answer.status, "body": body or None, "headers": answer.headers}
        if not is_truthy(run.render(trigger.response_condition, {"response": response})):
            return []
        found = {"uri": answer.uri, "code": answer.status, "headers": answer.headers, "body": body or None}
    return [TriggerEvent(variables=found)]
