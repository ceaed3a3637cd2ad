"""The pure part of trigger-listener: processor ``triggers``, and the matching of events.

event    the decisions, all of them public              state    the known state of each trigger
evolve   applies one event                              decide/  the effects of an input
machine  the only entrance: one input in, one Step out  dump     the state as items, for snapshots
schedule, slot   the dates of a schedule                 polling  how a source is polled
incoming, match  an event from outside, and the triggers that it matches
"""
