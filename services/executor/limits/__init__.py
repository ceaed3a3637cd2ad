"""Processor ``limits``: who holds and who awaits the concurrency slots of a flow.

event    what was decided, private to the journal      state   limits with their holders and queues
evolve   one event applied                             decide  what an input leads to
machine  the only door: one input in, one Step out     dump    the state as items, for snapshots
"""
