-- The variables of an execution that changed them. NULL: those of its flow. Type json keeps the order of keys.

ALTER TABLE executions ADD COLUMN variables json;
