"""Processor ``dispatch``: which worker gets which attempt, and which workers are still there.

event    what was decided, private to the journal      state   worker groups: queue, workers, attempts
evolve   one event applied                             decide  what an input leads to
machine  the only door: one input in, one Step out     dump    the state as items, for snapshots
queue    the order in which attempts leave             turn    one input being decided, and the names of timers
"""
