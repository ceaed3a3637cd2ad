"""Processor ``dispatch``: which worker gets which attempt, and which workers are still there.

event    the decisions, private to the journal          state   worker groups: queue, workers, attempts
evolve   applies one event                              decide  the effects of an input
machine  the only entrance: one input in, one Step out  dump    the state as items, for snapshots
queue    the order in which attempts leave              turn    one input being decided, and the names of timers
"""
