-- name: execution
SELECT {EXECUTION} FROM executions WHERE id = $1 LIMIT 1;

-- name: children
SELECT id FROM executions WHERE parent IS NOT NULL AND parent ->> 'execution_id' = $1 ORDER BY created_at, id LIMIT 1000;

-- name: existing_executions
SELECT id FROM executions WHERE id = ANY ($1::text[]);

-- name: task_runs
SELECT {TASK_RUN} FROM task_runs WHERE execution_id = $1 ORDER BY position, id LIMIT $2 OFFSET $3;

-- name: logs
-- Tasks that the executor decides at one instant log at that instant: their runs' order is the order of their lines.
SELECT {LOG} FROM logs
LEFT JOIN (SELECT id AS run_id, position AS run_position FROM task_runs WHERE execution_id = $1) AS runs ON run_id = task_run_id
WHERE execution_id = $1
  AND level >= $2
  AND ($3::text IS NULL OR task_run_id = $3)
  AND ($4::text IS NULL OR task_id = $4)
  AND ($5::integer IS NULL OR attempt = $5)
ORDER BY at, run_position, task_run_id, attempt, number;

-- name: flow
SELECT {FLOW} FROM flows WHERE namespace = $1 AND id = $2 AND ($3 OR NOT deleted);

-- name: flow_revision
SELECT {FLOW} FROM flow_revisions
WHERE namespace = $1 AND id = $2 AND revision = $3
  AND ($4 OR EXISTS (SELECT FROM flows WHERE namespace = $1 AND id = $2 AND NOT deleted));

-- name: flow_revisions
SELECT {FLOW} FROM flow_revisions WHERE namespace = $1 AND id = $2 ORDER BY revision;

-- name: namespaces
SELECT DISTINCT namespace FROM flows WHERE NOT deleted AND strpos(lower(namespace), lower($1)) > 0 ORDER BY namespace;

-- name: trigger
SELECT {TRIGGER} FROM triggers WHERE namespace = $1 AND flow_id = $2 AND trigger_id = $3;

-- name: workers
SELECT {WORKER} FROM workers ORDER BY worker_group, id;

-- name: positions
SELECT topic, partition, next_offset FROM projection_offsets;

-- name: flow_count
SELECT count(*) FROM flows WHERE NOT deleted;

-- name: trigger_count
SELECT count(*) FROM triggers;

-- name: open_counts
SELECT namespace, flow_id, state, count(*) FROM (
    SELECT namespace, flow_id, state FROM executions WHERE state = ANY($1::text[]) AND kind <> 'LOOP' LIMIT $2
) AS open GROUP BY namespace, flow_id, state;

-- name: slot_holders
SELECT namespace, flow_id, count(*) FROM executions
WHERE state = ANY($1::text[]) AND limit_key IS NOT NULL GROUP BY namespace, flow_id;

-- name: metric_names
SELECT DISTINCT name FROM metrics
WHERE namespace = $1 AND flow_id = $2 AND ($3::text IS NULL OR task_id = $3) AND at > $4 ORDER BY name LIMIT 1000;

-- name: metric_tasks
SELECT DISTINCT task_id FROM metrics WHERE namespace = $1 AND flow_id = $2 AND at > $3 ORDER BY task_id LIMIT 1000;

-- name: state_counts
SELECT state, count(*) FROM executions WHERE kind <> 'LOOP' GROUP BY state;

-- name: metric_series
SELECT start, CASE $8 WHEN 'sum' THEN sum(number) WHEN 'avg' THEN avg(number) WHEN 'min' THEN min(number) ELSE max(number) END
FROM (
    SELECT date_trunc($7, at, 'UTC') AS start, CASE kind WHEN 'timer' THEN value * 1000 ELSE value END AS number FROM metrics
    WHERE namespace = $1 AND flow_id = $2 AND ($3::text IS NULL OR task_id = $3) AND name = $4 AND at >= $5 AND at <= $6
) AS points GROUP BY start ORDER BY start;

-- name: average_duration
SELECT avg(extract(epoch FROM ended_at - created_at) * 1000)::double precision, count(*) FROM (
    SELECT created_at, ended_at FROM executions
    WHERE namespace = $1 AND flow_id = $2 AND ended_at IS NOT NULL AND kind <> 'LOOP' ORDER BY created_at DESC LIMIT $3
) AS latest;

-- name: trigger_log_keys
SELECT DISTINCT execution_id FROM logs WHERE namespace = $1 AND flow_id = $2 AND trigger_id = $3;

-- name: ended_executions
SELECT id FROM executions
WHERE ended_at IS NOT NULL
  AND ($1::text IS NULL OR namespace = $1 OR ($2::text IS NULL AND starts_with(namespace, $1 || '.')))
  AND ($2::text IS NULL OR flow_id = $2)
  AND ($3::timestamptz IS NULL OR created_at >= $3) AND ($4::timestamptz IS NULL OR created_at <= $4)
  AND ($5::text[] IS NULL OR state = ANY ($5))
ORDER BY created_at, id LIMIT $6 OFFSET $7;

-- name: count_logs
SELECT count(*) FROM logs WHERE execution_id = ANY ($1::text[]);

-- name: count_metrics
SELECT count(*) FROM metrics WHERE execution_id = ANY ($1::text[]);

-- name: log_sources
SELECT execution_id, namespace, flow_id, count(*) FROM logs
WHERE ($1::text IS NULL OR namespace = $1 OR ($2::text IS NULL AND starts_with(namespace, $1 || '.')))
  AND ($2::text IS NULL OR flow_id = $2)
  AND ($3::timestamptz IS NULL OR at >= $3) AND ($4::timestamptz IS NULL OR at <= $4)
  AND ($5::smallint[] IS NULL OR level = ANY ($5))
GROUP BY execution_id, namespace, flow_id;

-- name: count_of_flows
SELECT wanted.namespace, wanted.flow_id, (
    SELECT count(*) FROM executions e
    WHERE e.namespace = wanted.namespace AND e.flow_id = wanted.flow_id AND e.kind = 'NORMAL'
      AND ($3::text[] IS NULL OR state = ANY ($3))
      AND ($4::timestamptz IS NULL OR created_at >= $4) AND ($5::timestamptz IS NULL OR created_at <= $5)
) FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS wanted (namespace, flow_id, number) ORDER BY number;

-- name: count_of_namespaces
SELECT wanted.namespace, (
    SELECT count(*) FROM executions e
    WHERE e.namespace = wanted.namespace AND e.kind = 'NORMAL'
      AND ($2::text[] IS NULL OR state = ANY ($2))
      AND ($3::timestamptz IS NULL OR created_at >= $3) AND ($4::timestamptz IS NULL OR created_at <= $4)
) FROM unnest($1::text[]) WITH ORDINALITY AS wanted (namespace, number) ORDER BY number;

-- name: daily_executions
SELECT date_trunc('day', created_at, 'UTC') AS day, state, count(*),
       coalesce(min(extract(epoch FROM ended_at - created_at)), 0)::double precision,
       coalesce(max(extract(epoch FROM ended_at - created_at)), 0)::double precision,
       coalesce(sum(extract(epoch FROM ended_at - created_at)), 0)::double precision,
       count(ended_at)
FROM executions WHERE created_at >= $1 AND kind = 'NORMAL' GROUP BY 1, 2;
