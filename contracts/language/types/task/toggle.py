"""``core.trigger.Toggle``: enable or disable a trigger."""

from __future__ import annotations

from contracts.language.types.property import Properties, dynamic, static
from contracts.language.types.pure import PureTask, Result, Switch, Update


class Toggle(Properties):
    """Enables or disables a trigger, as a person does over the API. A trigger that its flow disables stays so."""

    trigger: str = dynamic(doc="its id")
    flow_id: str | None = dynamic(None, doc="its flow; this one otherwise")
    namespace: str | None = dynamic(None, doc="that of its flow; this one otherwise")
    enabled: bool = static(False, doc="true enables it, false disables it")


def decide(task: Toggle) -> Result:
    switch = Switch(task.trigger.strip(), task.enabled, task.flow_id, task.namespace)
    return Result(update=Update(switches=(switch,)))


TOGGLE = PureTask(
    name="io.kestra.plugin.core.trigger.Toggle",
    title="Enable or disable a trigger",
    properties=Toggle,
    decide=decide,
    aliases=("io.kestra.core.tasks.trigger.Toggle",),
    updates=True,
    examples=(
        "id: rest\ntype: io.kestra.plugin.core.trigger.Toggle\ntrigger: every_morning\nenabled: false",
    ),
)
