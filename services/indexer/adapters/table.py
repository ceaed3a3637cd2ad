"""The tables that batches are copied into. Each has a guarded statement that merges it into the projection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.indexer.core import rows


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    columns: Sequence[str]
    key: Sequence[str]
    guard: Sequence[str] = ()
    """A row is replaced only if these columns have grown. Without them an existing row stays."""

    @property
    def incoming(self) -> str:
        return f"incoming_{self.name}"

    def create_incoming(self) -> str:
        return f"CREATE TEMP TABLE {self.incoming} (LIKE {self.name}) ON COMMIT DELETE ROWS"

    def merge(self) -> str:
        columns = ", ".join(self.columns)
        action = "NOTHING"
        if self.guard:
            changing = [column for column in self.columns if column not in self.key]
            targets, sources = ", ".join(changing), ", ".join(f"excluded.{column}" for column in changing)
            before = ", ".join(f"{self.name}.{column}" for column in self.guard)
            after = ", ".join(f"excluded.{column}" for column in self.guard)
            action = f"UPDATE SET ({targets}) = ROW({sources}) WHERE ({before}) < ({after})"
        return (
            f"INSERT INTO {self.name} ({columns}) SELECT {columns} FROM {self.incoming} "  # noqa: S608 - constants
            f"ON CONFLICT ({', '.join(self.key)}) DO {action}"
        )


EXECUTIONS = Table("executions", rows.EXECUTION_COLUMNS, ("id", "created_at"), ("seq",))
TASK_RUNS = Table(
    "task_runs", rows.TASK_RUN_COLUMNS, ("execution_id", "id", "execution_created_at"), ("seq",)
)
LOGS = Table(
    "logs", rows.LOG_COLUMNS, ("execution_id", "task_run_id", "trigger_id", "attempt", "number", "at")
)
METRICS = Table("metrics", rows.METRIC_COLUMNS, ("execution_id", "task_run_id", "attempt", "number", "at"))
FLOW_REVISIONS = Table("flow_revisions", rows.FLOW_COLUMNS, ("namespace", "id", "revision"), ("position",))
FLOWS = Table("flows", rows.FLOW_COLUMNS, ("namespace", "id"), ("revision", "position"))
TRIGGERS = Table("triggers", rows.TRIGGER_COLUMNS, ("namespace", "flow_id", "trigger_id"), ("position",))
WORKERS = Table("workers", rows.WORKER_COLUMNS, ("worker_group", "id"), ("position",))

TABLES = (EXECUTIONS, TASK_RUNS, LOGS, METRICS, FLOW_REVISIONS, FLOWS, TRIGGERS, WORKERS)
PARTITIONED = (EXECUTIONS, TASK_RUNS, LOGS, METRICS)
