from services.web.core.rows import TriggerRow
from services.web.core.view.trigger import trigger_item


def test_a_trigger_has_the_names_of_both_generations():
    row = TriggerRow(
        "n",
        "f",
        "at",
        "io.kestra.plugin.core.trigger.Schedule",
        1,
        {"cron": "* * * * *"},
        False,
        5,
        4,
        3,
        2,
        "e1",
    )
    item = trigger_item(row)
    assert item["trigger"] == item["abstractTrigger"]
    state = item["state"]
    assert state == item["triggerContext"]
    assert state["nextEvaluationDate"] == state["nextExecutionDate"]
    assert (state["kind"], state["locked"], state["executionId"]) == ("SCHEDULE", True, "e1")
