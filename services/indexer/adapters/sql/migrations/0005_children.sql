-- The children of an execution, for its restart.

CREATE INDEX executions_by_parent_execution ON executions ((parent ->> 'execution_id')) WHERE parent IS NOT NULL;
