"""Processor ``dispatch``: which worker gets which attempt, and which workers are still there.

event    what was decided, private to the journal
state    worker groups: queue, workers, attempts; and how each event changes them
decision what an input leads to
machine  the door: which decision an input is
dump     the state as independent items, for snapshots
"""
