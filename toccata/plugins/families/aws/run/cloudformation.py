"""``aws.cloudformation.*``"""

from __future__ import annotations

import asyncio
from typing import Any

from botocore.exceptions import ClientError

from toccata.plugin import Outputs, RunContext, TaskFailed
from toccata.plugins.families.aws import compute as declared
from toccata.plugins.families.aws.run.client import Client, connected

_PAUSE_SECONDS = 2.0
_GOOD = ("CREATE_COMPLETE", "UPDATE_COMPLETE")


async def run_create(task: declared.Create, run: RunContext) -> Outputs:
    asked = {
        "StackName": task.stack_name,
        "TemplateBody": task.template_body,
        "Parameters": [
            {"ParameterKey": name, "ParameterValue": value} for name, value in task.parameters.items()
        ],
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
    }
    async with connected(task, "cloudformation") as aws:
        there = await aws.call(task.stack_name, _described, task.stack_name)
        changes = await aws.call(task.stack_name, _sent, asked, there is not None)
        if not changes:
            run.log("INFO", f"Stack {task.stack_name} exists already, and nothing of it changes")
        found = await aws.call(task.stack_name, _described, task.stack_name)
        if changes and task.wait_for_completion:
            found = await _settled(aws, task.stack_name)
        if found is None:
            raise TaskFailed(f"{task.stack_name}: the stack is gone")
    if task.wait_for_completion and found["StackStatus"] not in _GOOD:
        reason = found.get("StackStatusReason", "no reason is given")
        raise TaskFailed(f"{task.stack_name}: the stack ended as {found['StackStatus']}: {reason}")
    outputs = {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", [])}
    return {"stackId": found["StackId"], "stackName": found["StackName"], "stackOutputs": outputs}


def _sent(client: Any, asked: dict[str, Any], is_there: bool) -> bool:  # noqa: FBT001 - called by position in a thread
    """Whether anything changes."""
    if not is_there:
        client.create_stack(**asked)
        return True
    try:
        client.update_stack(**asked)
    except ClientError as error:
        if "No updates are to be performed" in str(error):
            return False
        raise
    return True


def _described(client: Any, name: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = client.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    return None if found["StackStatus"] == "DELETE_COMPLETE" else found


async def _settled(aws: Client, name: str) -> dict[str, Any] | None:
    while True:
        found = await aws.call(name, _described, name)
        if found is None or not found["StackStatus"].endswith("_IN_PROGRESS"):
            return found
        await asyncio.sleep(_PAUSE_SECONDS)


async def run_delete(task: declared.Delete, run: RunContext) -> Outputs:
    del run
    async with connected(task, "cloudformation") as aws:
        await aws.call(task.stack_name, lambda client: client.delete_stack(StackName=task.stack_name))
        found = await _settled(aws, task.stack_name) if task.wait_for_completion else None
    if found is not None:
        reason = found.get("StackStatusReason", "no reason is given")
        raise TaskFailed(f"{task.stack_name}: the stack is not deleted, but {found['StackStatus']}: {reason}")
    return {}
