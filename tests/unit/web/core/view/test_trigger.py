from services.web.core.rows import BackfillRow, TriggerRow
from services.web.core.view.trigger import trigger_item, trigger_state


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


def test_a_backfill_shows_its_next_date_as_that_of_the_trigger():
    backfill = BackfillRow(0, 9_000, 1_000, True, {"a": 1}, {"k": "v"})
    kind = "io.kestra.plugin.core.trigger.Schedule"
    row = TriggerRow("n", "f", "at", kind, 1, {}, False, 5_000, None, None, 2, None, backfill=backfill)
    state = trigger_state(row)
    assert state["nextExecutionDate"] == "1970-01-01T00:00:01.000Z"
    assert state["backfill"] == {
        "start": "1970-01-01T00:00:00.000Z",
        "end": "1970-01-01T00:00:09.000Z",
        "currentDate": "1970-01-01T00:00:01.000Z",
        "paused": True,
        "inputs": {"a": 1},
        "labels": [{"key": "k", "value": "v"}],
        "previousNextExecutionDate": "1970-01-01T00:00:05.000Z",
    }
