"""The language between processes. Pure: it imports nothing of ours but itself.

scalars     ids, instants, JSON values
message     the two bases of every message and the registry of message types by name
codec       bytes to message and back; the only place that serialises messages
upcast      older message shapes to the present one
topics      every topic as data: key, partitions, settings, who writes and reads it
states      the state machines of executions and task runs as tables
execution   commands and events of one execution
history     folds those events into state histories, once for the indexer and for web
work        attempts between executor, dispatch and workers
limit       concurrency slots
registry    flows with revisions
trigger     trigger definitions, commands and events
telemetry   log lines and metrics of attempts
reply       answers to requests that web sends as commands
cloudevent  CloudEvents 1.0 in Kafka binary mode
language/   the language of flows: flow/ (the YAML document), expression/ (templates), types/ (one declaration for each type)
"""
