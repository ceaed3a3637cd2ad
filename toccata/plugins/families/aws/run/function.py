"""``aws.lambda.*``"""

from __future__ import annotations

from typing import Any

from toccata.plugin import Outputs, RunContext, TaskFailed, stored, write_json
from toccata.plugins.families.aws import compute as declared
from toccata.plugins.families.aws.run.client import connected

_MOST_REASON = 2000


async def run_invoke(task: declared.Invoke, run: RunContext) -> Outputs:
    async with connected(task, "lambda") as aws:
        content, kind, error = await aws.call(task.function_arn, _invoke, task)
    if error is not None:
        said = content.decode("utf-8", "replace")[:_MOST_REASON]
        raise TaskFailed(f"{task.function_arn}: the function failed ({error}): {said}")
    run.metric("counter", "file.size", len(content))
    return {"uri": await stored(run, content, ""), "contentLength": len(content), "contentType": kind}


def _invoke(client: Any, task: declared.Invoke) -> tuple[bytes, str, str | None]:
    payload = {"Payload": write_json(task.function_payload)} if task.function_payload else {}
    answer = client.invoke(FunctionName=task.function_arn, **payload)
    headers = answer["ResponseMetadata"]["HTTPHeaders"]
    kind = str(headers.get("content-type", "application/octet-stream"))
    return answer["Payload"].read(), kind, answer.get("FunctionError")
