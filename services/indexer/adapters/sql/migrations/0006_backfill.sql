-- The backfill of a schedule: its dates, and how far it is. NULL: there is none.

ALTER TABLE triggers ADD COLUMN backfill json;
