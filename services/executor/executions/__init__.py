"""Processor ``executions``: what every execution does next. It knows no clock, no Kafka, no IO.

event    what was decided: public events and private ones     state    what an execution is
evolve   one event applied                                    decide/  what an input leads to, one module a command
machine  the only door, and the theory of operation           dump     the state as items, for snapshots

turn         one input being decided           schedule     what is next, list by list
task_run     a task run begins                 submission   an attempt is submitted
outcome      what states of children make      termination  the one way to an end
retry, retry_execution   another attempt       record       an execution as a restart carries it
blueprint    what is derived from a flow once  rendering/   what templates see, and what comes of them
ended        ids of ended executions
"""
