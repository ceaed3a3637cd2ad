"""``aws.sns.*``"""

from __future__ import annotations

from typing import Any

from toccata.plugin import Outputs, RunContext, taken_rows, write_json
from toccata.plugins.families.aws import sqs as declared
from toccata.plugins.families.aws.run.client import connected
from toccata.plugins.families.aws.run.message import message

_NAMES = {
    "groupId": "MessageGroupId",
    "deduplicationId": "MessageDeduplicationId",
    "subject": "Subject",
    "phoneNumber": "PhoneNumber",
    "structure": "MessageStructure",
}


async def run_publish(task: declared.PublishToTopic, run: RunContext) -> Outputs:
    count = 0
    async with connected(task, "sns") as aws:
        async for row in taken_rows(run, task.from_):
            await aws.call(task.topic_arn, _publish, task.topic_arn, message(row, "from"))
            count += 1
    run.metric("counter", "sns.publish.messages", count)
    return {"messagesCount": count}


def _publish(client: Any, topic: str, said: Any) -> None:
    data = said["data"]
    text = data if isinstance(data, str) else write_json(data).decode()
    more = {theirs: str(said[ours]) for ours, theirs in _NAMES.items() if said.get(ours) is not None}
    # A message to a telephone goes to no topic.
    target = {} if "PhoneNumber" in more else {"TopicArn": topic}
    client.publish(Message=text, **target, **more)
