-- The projection. Written by the indexer alone; it can be dropped and rebuilt from the topics at any time.
-- Names are COLLATE "C": prefixes are ranges of an index, and order does not depend on the server's locale.
-- Columns of type json (not jsonb) keep the order of their keys, which the API promises, and are never searched.

CREATE TABLE projection_offsets (
    topic text COLLATE "C" NOT NULL,
    partition integer NOT NULL,
    next_offset bigint NOT NULL,
    PRIMARY KEY (topic, partition)
);

-- Tables that grow are partitioned by month (ADR 0001): executions and their task runs by the execution's creation,
-- logs and metrics by their own time. The DEFAULT partitions hold what has an absurd time.

CREATE TABLE executions (
    id text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    seq integer NOT NULL,
    namespace text COLLATE "C" NOT NULL,
    flow_id text COLLATE "C" NOT NULL,
    revision integer NOT NULL,
    state text COLLATE "C" NOT NULL,
    ended_at timestamptz,
    histories json NOT NULL,
    labels jsonb NOT NULL,
    inputs json NOT NULL,
    outputs json NOT NULL,
    trigger json,
    trigger_id text COLLATE "C",
    trigger_execution_id text COLLATE "C",
    parent_id text COLLATE "C",
    original_id text COLLATE "C",
    scheduled_at timestamptz,
    kind text COLLATE "C" NOT NULL,
    attempt_number integer NOT NULL,
    reason text NOT NULL,
    trigger_key text,
    limit_key text,
    trace_parent text,
    PRIMARY KEY (id, created_at)
) PARTITION BY RANGE (created_at);
CREATE INDEX executions_by_date ON executions (created_at DESC, id);
CREATE INDEX executions_by_flow ON executions (namespace, flow_id, created_at DESC);
CREATE INDEX executions_by_state ON executions (state, created_at DESC);
CREATE INDEX executions_by_end ON executions (ended_at DESC) WHERE ended_at IS NOT NULL;
CREATE INDEX executions_by_label ON executions USING gin (labels jsonb_path_ops);
CREATE INDEX executions_by_parent ON executions (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX executions_by_trigger_execution ON executions (trigger_execution_id) WHERE trigger_execution_id IS NOT NULL;
CREATE TABLE executions_default PARTITION OF executions DEFAULT;

CREATE TABLE task_runs (
    execution_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    execution_created_at timestamptz NOT NULL,
    seq integer NOT NULL,
    position integer NOT NULL,
    task_id text COLLATE "C" NOT NULL,
    parent_id text COLLATE "C",
    value text,
    iteration integer,
    state text COLLATE "C" NOT NULL,
    histories json NOT NULL,
    attempts json NOT NULL,
    outputs json NOT NULL,
    outputs_uri text,
    message text NOT NULL,
    PRIMARY KEY (execution_id, id, execution_created_at)
) PARTITION BY RANGE (execution_created_at);
CREATE TABLE task_runs_default PARTITION OF task_runs DEFAULT;
COMMENT ON COLUMN task_runs.position IS 'number of the event that created it: the order of creation';

CREATE TABLE logs (
    execution_id text COLLATE "C" NOT NULL,
    task_run_id text COLLATE "C" NOT NULL,
    trigger_id text COLLATE "C" NOT NULL,
    attempt integer NOT NULL,
    number integer NOT NULL,
    at timestamptz NOT NULL,
    level smallint NOT NULL,
    namespace text COLLATE "C" NOT NULL,
    flow_id text COLLATE "C" NOT NULL,
    task_id text COLLATE "C",
    message text NOT NULL,
    PRIMARY KEY (execution_id, task_run_id, trigger_id, attempt, number, at)
) PARTITION BY RANGE (at);
CREATE INDEX logs_by_date ON logs (at DESC);
CREATE INDEX logs_by_flow ON logs (namespace, flow_id, at DESC);
CREATE TABLE logs_default PARTITION OF logs DEFAULT;
COMMENT ON COLUMN logs.level IS '0 TRACE, 1 DEBUG, 2 INFO, 3 WARN, 4 ERROR';
COMMENT ON COLUMN logs.task_run_id IS 'empty where the executor or a trigger speaks';

CREATE TABLE metrics (
    execution_id text COLLATE "C" NOT NULL,
    task_run_id text COLLATE "C" NOT NULL,
    attempt integer NOT NULL,
    number integer NOT NULL,
    at timestamptz NOT NULL,
    namespace text COLLATE "C" NOT NULL,
    flow_id text COLLATE "C" NOT NULL,
    task_id text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    value double precision NOT NULL,
    tags json NOT NULL,
    PRIMARY KEY (execution_id, task_run_id, attempt, number, at)
) PARTITION BY RANGE (at);
CREATE INDEX metrics_by_name ON metrics (namespace, flow_id, name, at DESC);
CREATE TABLE metrics_default PARTITION OF metrics DEFAULT;

CREATE TABLE flow_revisions (
    namespace text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    revision integer NOT NULL,
    position bigint NOT NULL,
    source text NOT NULL,
    labels jsonb NOT NULL,
    disabled boolean NOT NULL,
    description text NOT NULL,
    deleted boolean NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (namespace, id, revision)
);
COMMENT ON COLUMN flow_revisions.position IS 'offset in flows.state';

CREATE TABLE flows (LIKE flow_revisions INCLUDING COMMENTS, PRIMARY KEY (namespace, id));
CREATE INDEX flows_by_id ON flows (id, namespace);
CREATE INDEX flows_by_label ON flows USING gin (labels jsonb_path_ops);

CREATE TABLE triggers (
    namespace text COLLATE "C" NOT NULL,
    flow_id text COLLATE "C" NOT NULL,
    trigger_id text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    type text COLLATE "C" NOT NULL,
    revision integer NOT NULL,
    definition json NOT NULL,
    disabled boolean NOT NULL,
    next_at timestamptz,
    last_at timestamptz,
    evaluated_at timestamptz,
    updated_at timestamptz NOT NULL,
    execution_id text COLLATE "C",
    PRIMARY KEY (namespace, flow_id, trigger_id)
);
CREATE INDEX triggers_by_flow ON triggers (flow_id, namespace, trigger_id);
CREATE INDEX triggers_by_next ON triggers (next_at) WHERE next_at IS NOT NULL;
COMMENT ON COLUMN triggers.position IS 'offset in its partition of triggers.events';

CREATE TABLE workers (
    worker_group text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    inbox integer NOT NULL,
    slots integer NOT NULL,
    labels json NOT NULL,
    state text COLLATE "C" NOT NULL,
    running integer NOT NULL,
    announced_at timestamptz,
    heartbeat_at timestamptz NOT NULL,
    PRIMARY KEY (worker_group, id)
);
COMMENT ON COLUMN workers.position IS 'offset in its partition of workers.events';
