"""Processor ``executions``: what every execution does next. It knows no clock, no Kafka, no IO.

event    the decisions: public and private events             state    the facts about an execution
evolve   applies one event                                    decide/  the effects of an input, one module for each command
machine  the only entrance, and the theory of operation       dump     the state as items, for snapshots

turn         one input being decided           schedule     finds what is next, list by list
task_run     begins a task run                 submission   submits an attempt
outcome      a parent's state from its children  termination  the one way to an end
retry, retry_execution   another attempt       record       an execution as a restart carries it
blueprint    derived once from a flow          rendering/   templates: their variables and their results
ended        ids of ended executions
"""
