"""A stream and a read show the same: web's fold and the indexer's give one history."""

import orjson
import pytest

from services.web.core.live import begin
from services.web.core.view.execution import labels_list
from tests.unit.indexer.stories import Table, failed_retried_restarted, seen, two_tasks


def places(histories):
    return [(place.state, place.at) for place in histories]


def attempts(run):
    return [(attempt.number, attempt.worker_id, places(attempt.histories)) for attempt in run.attempts]


@pytest.mark.parametrize("story", [two_tasks, failed_retried_restarted])
def test_the_live_execution_is_what_the_projection_holds_after_every_event(story):
    events = list(story("e1"))
    live, table = begin(events[0]), Table()
    table.apply(seen(events[:1]))
    for number, event in enumerate(events[1:], 2):
        live.apply(event)
        table.apply(seen(events[:number]))
        row = table.rows.executions["e1"]
        assert (live.seq, places(live.histories)) == (row.seq, places(row.histories))
        assert (live.outputs, labels_list(live.labels)) == (
            orjson.loads(row.outputs),
            orjson.loads(row.labels),
        )
        assert (live.attempt_number, live.reason) == (row.attempt_number, row.reason)
        runs = sorted(table.rows.task_runs.values(), key=lambda run: run.position)
        assert list(live.task_runs) == [run.id for run in runs]
        for mine, theirs in zip(live.task_runs.values(), runs, strict=True):
            assert places(mine.histories) == places(theirs.histories)
            assert attempts(mine) == attempts(theirs)
            assert (mine.outputs, mine.outputs_uri) == (orjson.loads(theirs.outputs), theirs.outputs_uri)
