"""The pure core of processor ``executions``: what every execution does next. It knows no clock, no Kafka, no IO.

state      what an execution is, mutated by evolve alone      machine   the only door: one input in, one Step out
evolve     one event applied                                  decide/   one module a command
schedule   what is next, list by list; what is next within a flowable, its declaration in contracts.language.types says
task_run   a task run begins, is submitted, ends              retry     whether and when another attempt follows
variables  what templates may see                             rendering templates, made total
termination the one way to an end                             dump, record  the state as items, as a restart carries it
"""
