-- The task run that started a child execution, as a restart needs it. NULL: no other execution waits for it.

ALTER TABLE executions ADD COLUMN parent json;
