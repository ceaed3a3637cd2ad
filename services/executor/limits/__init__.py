"""Processor ``limits``: who holds and who awaits the concurrency slots of a flow.

event    the decisions, private to the journal          state   limits with their holders and queues
evolve   applies one event                              decide  the effects of an input
machine  the only entrance: one input in, one Step out  dump    the state as items, for snapshots
"""
