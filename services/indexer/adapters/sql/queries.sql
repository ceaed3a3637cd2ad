-- name: known_executions
SELECT id, created_at, seq, namespace, flow_id, revision, state, ended_at, histories, labels, inputs, outputs, trigger,
       trigger_id, trigger_execution_id, parent_id, original_id, scheduled_at, kind, attempt_number, reason,
       trigger_key, limit_key, trace_parent, variables, parent
FROM executions
WHERE id = ANY ($1::text[]);

-- name: known_task_runs
SELECT t.execution_id, t.id, t.execution_created_at, t.seq, t.position, t.task_id, t.parent_id, t.value, t.iteration,
       t.state, t.histories, t.attempts, t.outputs, t.outputs_uri, t.message
FROM unnest($1::text[], $2::text[]) AS wanted (execution_id, id)
JOIN task_runs t ON t.execution_id = wanted.execution_id AND t.id = wanted.id;

-- name: known_triggers
SELECT t.namespace, t.flow_id, t.trigger_id, t.position, t.type, t.revision, t.definition, t.disabled, t.next_at,
       t.last_at, t.evaluated_at, t.updated_at, t.execution_id, t.evaluating_at, t.problem, t.worker_id, t.backfill
FROM unnest($1::text[], $2::text[], $3::text[]) AS wanted (namespace, flow_id, trigger_id)
JOIN triggers t ON t.namespace = wanted.namespace AND t.flow_id = wanted.flow_id AND t.trigger_id = wanted.trigger_id;

-- name: known_workers
SELECT id, position, worker_group, inbox, slots, labels, state, running, announced_at, heartbeat_at
FROM unnest($1::text[], $2::text[]) AS wanted (worker_group, id)
JOIN workers USING (worker_group, id);

-- name: remove_task_runs
DELETE FROM task_runs t
USING unnest($1::text[], $2::text[]) AS removed (execution_id, id)
WHERE t.execution_id = removed.execution_id AND t.id = removed.id;

-- name: remove_runs_of_executions
DELETE FROM task_runs WHERE execution_id = ANY ($1::text[]);

-- name: remove_executions
DELETE FROM executions WHERE id = ANY ($1::text[]);

-- name: remove_metrics
DELETE FROM metrics WHERE execution_id = ANY ($1::text[]);

-- name: remove_logs
DELETE FROM logs
WHERE execution_id = $1
  AND ($2::text IS NULL OR task_run_id = $2)
  AND ($3::text IS NULL OR trigger_id = $3)
  AND ($4::integer IS NULL OR attempt = $4)
  AND ($5::text IS NULL OR task_id = $5)
  AND ($6::smallint[] IS NULL OR level = ANY ($6))
  AND ($7::timestamptz IS NULL OR at >= $7)
  AND ($8::timestamptz IS NULL OR at <= $8)
  AND ($9::text IS NULL OR namespace = $9)
  AND ($10::text IS NULL OR flow_id = $10);

-- name: remove_triggers
DELETE FROM triggers t
USING unnest($1::text[], $2::text[], $3::text[]) AS removed (namespace, flow_id, trigger_id)
WHERE t.namespace = removed.namespace AND t.flow_id = removed.flow_id AND t.trigger_id = removed.trigger_id;

-- name: remove_revisions
DELETE FROM flow_revisions f
USING unnest($1::text[], $2::text[], $3::integer[]) AS removed (namespace, id, revision)
WHERE f.namespace = removed.namespace AND f.id = removed.id AND f.revision = removed.revision;

-- name: put_offsets
-- The notification is sent at the commit, so its receivers see the rows.
WITH put AS (
    INSERT INTO projection_offsets (topic, partition, next_offset)
    SELECT * FROM unnest($1::text[], $2::integer[], $3::bigint[])
    ON CONFLICT (topic, partition) DO UPDATE SET next_offset = excluded.next_offset
)
SELECT pg_notify('projection', $4);

-- name: offsets
SELECT topic, partition, next_offset FROM projection_offsets;

-- name: partitions
SELECT parent.relname AS parent, child.relname AS child
FROM pg_inherits
JOIN pg_class parent ON parent.oid = inhparent
JOIN pg_class child ON child.oid = inhrelid
WHERE parent.relkind = 'p' AND parent.relnamespace = current_schema()::regnamespace;

-- name: signs
SELECT signs FROM projection_signs;

-- name: put_signs
INSERT INTO projection_signs (signs) VALUES ($1) ON CONFLICT (single) DO UPDATE SET signs = excluded.signs;
