"""Keeps rows that are still open between batches, so that most events need no query. It is bounded, and rows that it drops are
read again. Pure.

It is thrown away after a failed write, because it may only hold committed rows.
"""

from __future__ import annotations

from typing import TypeVar

from contracts.states import ENDED
from services.indexer.core.change import Changes, Known, Wanted

MOST_EXECUTIONS = 20_000
MOST_TASK_RUNS = 50_000

K = TypeVar("K")
V = TypeVar("V")


class Memory:
    def __init__(self, executions: int = MOST_EXECUTIONS, task_runs: int = MOST_TASK_RUNS) -> None:
        self._open = Known()
        self._most_executions = executions
        self._most_task_runs = task_runs

    def recall(self, wanted: Wanted, known: Known) -> Wanted:
        """Put remembered rows into ``known``. Return the keys of the rest."""
        return Wanted(
            _recall(wanted.executions, self._open.executions, known.executions),
            _recall(wanted.task_runs, self._open.task_runs, known.task_runs),
            wanted.triggers,
            _recall(wanted.workers, self._open.workers, known.workers),
        )

    def keep(self, changes: Changes) -> None:
        """Remember these changes, which are committed."""
        executions, task_runs = self._open.executions, self._open.task_runs
        for execution_id, execution in changes.executions.items():
            executions.pop(execution_id, None)  # so that the latest change is last
            if execution.ended_at is None:
                executions[execution_id] = execution
        for execution_id in changes.removed_executions - changes.executions.keys():
            executions.pop(execution_id, None)
        if changes.removed_executions:
            for key in [key for key in task_runs if key[0] in changes.removed_executions]:
                del task_runs[key]
        for key in changes.removed_task_runs:
            task_runs.pop(key, None)
        for key, run in changes.task_runs.items():
            task_runs.pop(key, None)
            if run.histories[-1].state not in ENDED:
                task_runs[key] = run
        self._open.workers.update(changes.workers)
        _shrink(executions, self._most_executions)
        _shrink(task_runs, self._most_task_runs)
        _shrink(self._open.workers, self._most_executions)


def _recall(wanted: set[K], remembered: dict[K, V], known: dict[K, V]) -> set[K]:
    rest = set()
    for key in wanted:
        row = remembered.get(key)
        if row is None:
            rest.add(key)
        else:
            known[key] = row
    return rest


def _shrink(rows: dict[K, V], most: int) -> None:
    while len(rows) > most:
        del rows[next(iter(rows))]
