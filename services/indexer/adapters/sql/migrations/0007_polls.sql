-- Triggers that are polled: the poll that is out, and what was wrong with the last one.

ALTER TABLE triggers ADD COLUMN evaluating_at timestamptz;
ALTER TABLE triggers ADD COLUMN problem text NOT NULL DEFAULT '';
ALTER TABLE triggers ADD COLUMN worker_id text COLLATE "C";
COMMENT ON COLUMN triggers.evaluating_at IS 'when the poll began that is out';
COMMENT ON COLUMN triggers.problem IS 'why its last poll failed, or why it never starts anything; else empty';
COMMENT ON COLUMN triggers.worker_id IS 'the worker that polled last';
